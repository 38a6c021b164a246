import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Role } from '../../../../domain/actor.ts'
import { counters, isConnected, newest } from '../live.ts'
import { Failed, personName } from '../parts/basics.tsx'
import { ServerLimits } from '../parts/server-limits.tsx'
import { address } from '../router.ts'
import { me, sessionProblem, signOut } from '../session.ts'
import { words } from '../words.ts'
import { Icon } from '../parts/icon.tsx'

interface Entry {
  readonly to: string
  readonly text: string
  /** A counter; `to`: what it counts, where that is another page. */
  readonly mark?: { readonly n: number; readonly text: string; readonly to?: string }
}

const entriesFor = (role: Role): readonly Entry[] => {
  const { waiting, unreadNotifications } = counters.value
  const tickets: Entry = {
    to: '/tickets',
    text: words.tickets,
    mark: { n: waiting, text: words.waiting(waiting), to: '/tickets?status=waiting_for_customer' },
  }
  const archive: Entry = { to: '/archive', text: words.archive }
  switch (role) {
    case 'customer':
    case 'support': {
      const mark = { n: unreadNotifications, text: words.unreadCount(unreadNotifications) }
      return [
        tickets,
        archive,
        { to: '/notifications', text: words.notifications, mark },
        { to: '/preferences', text: words.preferences },
        ...(role === 'support' ? [{ to: '/reports', text: words.reports }] : []),
      ]
    }
    case 'auditor':
      return [{ to: '/tickets', text: words.tickets }, archive, { to: '/reports', text: words.reports }]
    case 'analyst':
      return [{ to: '/reports', text: words.reports }]
    case 'service':
      return []
  }
}

const Count = ({ n, text }: { readonly n: number; readonly text: string }) =>
  n === 0 ? null : (
    <span class="count">
      <span aria-hidden="true">{n}</span>
      <span class="unseen">{text}</span>
    </span>
  )

const Navigation = ({ role }: { readonly role: Role }) => (
  <nav aria-label={words.navigation}>
    <ul>
      {entriesFor(role).map(({ to, text, mark }) => (
        <li key={to}>
          <a href={to} {...(address.value.path === to ? { 'aria-current': 'page' as const } : {})}>
            {text}
            {mark !== undefined && mark.to === undefined && <Count {...mark} />}
          </a>
          {mark?.to !== undefined && mark.n > 0 && (
            <a class="counter" href={mark.to}>
              <Count {...mark} />
            </a>
          )}
        </li>
      ))}
    </ul>
  </nav>
)

const Status = () => {
  const notification = newest.value
  return (
    <div class="told" role="status" aria-live="polite">
      <ServerLimits />
      {!isConnected.value && <p class="lost">{words.lost}</p>}
      {notification !== null && (
        <p>
          <a href={`/tickets/${notification.ticket.id}`} dir="auto">
            {notification.ticket.subject ?? notification.ticket.id}
          </a>
          : {personName(notification.actor)} {words.kinds[notification.kind]}{' '}
          <button type="button" class="icon" aria-label={words.cancel} onClick={() => (newest.value = null)}>
            <Icon name="cross" />
          </button>
        </p>
      )}
    </div>
  )
}

/** The frame of every page: navigation with counters, the signed-in person, and the newest notification. */
export const Shell = ({ children }: { readonly children: ComponentChildren }) => {
  const person = me.value
  const { path } = address.value
  const content = useRef<HTMLElement>(null)
  const shown = useRef(path)
  // On another page, keyboard and screen reader start at its content.
  useLayoutEffect(() => {
    if (shown.current !== path) content.current?.focus()
    shown.current = path
  }, [path])
  if (person === null || person === undefined) return null
  return (
    <div class="shell">
      <a class="skip" href="#content">
        {words.skip}
      </a>
      <header class="side">
        <a class="brand" href="/tickets">
          {words.product}
        </a>
        <Navigation role={person.role} />
        <div class="who">
          <span>{person.name}</span>
          <span class="quiet">
            {words.roles[person.role]}
            {person.account === null ? '' : ` · ${person.account}`}
          </span>
          <button type="button" onClick={() => void signOut()}>
            {words.signOut}
          </button>
        </div>
      </header>
      <main id="content" tabIndex={-1} ref={content}>
        {sessionProblem.value !== null && <Failed problem={sessionProblem.value} />}
        <Status />
        {children}
      </main>
    </div>
  )
}
