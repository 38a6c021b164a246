import * as E from 'fp-ts/lib/Either.js'
import type { PersonalNames } from '../actor.ts'
import { readFurther, type Decider, type ReadFurther } from '../event-log/decider.ts'
import { erased, type RecordedEvent } from '../event-log/envelope.ts'
import type { EventId, TicketId } from '../ids.ts'
import { comesByMail, kinds, type Kind, type MailChoice } from '../notification/kinds.ts'
import type { EndedSessions, UserEvent } from './events.ts'

/**
 * A person's own stream: sign-ins, reading marks, preferences, ended sessions. It grows for years, so a command is
 * decided on its last events; `isWhole` says whether they go back to its first
 * (docs/adr/0020-user-streams-and-reading-marks.md).
 */
export interface User {
  readonly version: number
  readonly isWhole: boolean
  readonly last: RecordedEvent | null
  /** No event but choices of mails, which a link in a mail makes without a sign-in. */
  readonly onlyPreferences: boolean
  /** The mails chosen last; undefined where no event that was folded says so. */
  readonly choice: MailChoice | undefined
  readonly endedSessions: readonly EndedSessions[]
}

const initial: User = {
  version: 0,
  isWhole: true,
  last: null,
  onlyPreferences: true,
  choice: undefined,
  endedSessions: [],
}

const evolve = (user: User, event: RecordedEvent): User => ({
  version: event.version,
  isWhole: user.version === 0 ? event.version === 1 : user.isWhole,
  last: event,
  onlyPreferences: user.onlyPreferences && event.type === 'PreferencesSet',
  choice: event.type === 'PreferencesSet' ? event.data.mail : user.choice,
  endedSessions: event.type === 'SignedOut' ? [...user.endedSessions, event.data] : user.endedSessions,
})

/** What changes a person's own stream. Each is recorded only where it changes something. */
export type UserCommand =
  /** A first request, or one under another name or mail address than the last. */
  | { readonly type: 'signIn'; readonly names: PersonalNames }
  | { readonly type: 'signOut'; readonly ended: EndedSessions }
  /** The ticket was read up to this version. */
  | { readonly type: 'seeTicket'; readonly ticket: TicketId; readonly version: number }
  /** Notifications were seen up to the one of this id, or all of them. */
  | { readonly type: 'seeNotifications'; readonly upTo: EventId | undefined }
  | { readonly type: 'setPreferences'; readonly mail: MailChoice }
  /** No mails of these kinds from now on; every other choice stays. */
  | { readonly type: 'unsubscribe'; readonly kinds: readonly Kind[] }
  /** An auditor is about to be shown the ticket's history up to this version: recorded each time. */
  | { readonly type: 'readHistory'; readonly ticket: TicketId; readonly version: number }

type UserDecision = E.Either<ReadFurther, readonly UserEvent[]>

const recorded = (event: UserEvent): UserDecision => E.right([event])
const nothing: UserDecision = E.right([])

const signedIn: UserEvent = { type: 'SignedIn', data: {}, personal: {} }

const signIn = ({ last, isWhole, onlyPreferences }: User, { name, email }: PersonalNames): UserDecision => {
  if (last === null || (isWhole && onlyPreferences)) return recorded(signedIn)
  if (last.personal === erased) return nothing
  const known = last.personal.actor
  return known.name === name && known.email === email ? nothing : recorded(signedIn)
}

/** What was chosen last; none where nothing ever was, undefined where the loaded events do not say. */
const choiceOf = ({ choice, isWhole }: User): MailChoice | undefined => choice ?? (isWhole ? {} : undefined)

/** A choice that lies further back than the loaded events is recorded again, which changes nothing. */
const setPreferences = (user: User, mail: MailChoice): UserDecision => {
  const chosen = choiceOf(user)
  return chosen !== undefined && kinds.every((kind) => chosen[kind] === mail[kind])
    ? nothing
    : recorded({ type: 'PreferencesSet', data: { mail }, personal: {} })
}

const unsubscribe = (user: User, unwanted: readonly Kind[]): UserDecision => {
  const chosen = choiceOf(user)
  if (chosen === undefined) return E.left(readFurther)
  if (unwanted.every((kind) => !comesByMail(kind, chosen))) return nothing
  const mail = { ...chosen, ...Object.fromEntries(unwanted.map((kind) => [kind, false])) }
  return recorded({ type: 'PreferencesSet', data: { mail }, personal: {} })
}

const isSame = (a: EndedSessions, b: EndedSessions): boolean => {
  if ('session' in a) return 'session' in b && a.session === b.session
  if ('providerSession' in a) return 'providerSession' in b && a.providerSession === b.providerSession
  return 'person' in b && a.person === b.person && a.before === b.before && a.except === b.except
}

const decide =
  (command: UserCommand) =>
  (user: User): UserDecision => {
    const { last } = user
    switch (command.type) {
      case 'signIn':
        return signIn(user, command.names)
      case 'signOut':
        return user.endedSessions.some((ended) => isSame(ended, command.ended))
          ? nothing
          : recorded({ type: 'SignedOut', data: command.ended, personal: {} })
      case 'seeTicket': {
        const { ticket, version } = command
        return last?.type === 'TicketSeen' && last.data.ticket === ticket && last.data.version >= version
          ? nothing
          : recorded({ type: 'TicketSeen', data: { ticket, version }, personal: {} })
      }
      case 'seeNotifications': {
        const { upTo } = command
        return upTo !== undefined && last?.type === 'NotificationsSeen' && last.data.upTo === upTo
          ? nothing
          : recorded({ type: 'NotificationsSeen', data: upTo === undefined ? {} : { upTo }, personal: {} })
      }
      case 'setPreferences':
        return setPreferences(user, command.mail)
      case 'unsubscribe':
        return unsubscribe(user, command.kinds)
      case 'readHistory':
        return recorded({
          type: 'HistoryRead',
          data: { ticket: command.ticket, version: command.version },
          personal: {},
        })
    }
  }

/**
 * How many of the last events a command is decided on. Links in mails may have ended each kind of mails before the first
 * sign-in; choices and ended sessions are looked for a bounded way back.
 */
const tails: { readonly [T in UserCommand['type']]: number } = {
  signIn: kinds.length,
  signOut: 200,
  seeTicket: 1,
  seeNotifications: 1,
  setPreferences: 200,
  unsubscribe: 200,
  readHistory: 1,
}

export const userDecider = (command: UserCommand): Decider<User, UserEvent, never> => ({
  initial,
  evolve,
  decide: decide(command),
  tail: tails[command.type],
})
