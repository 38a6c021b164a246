import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { namesOf } from '../../domain/actor.ts'
import type { Call, Commands } from '../../domain/commands.ts'
import { refusalOf } from '../../domain/refusal.ts'
import { erased, start, type RecordedEvent } from '../../domain/event-log/envelope.ts'
import { readEvent } from '../../domain/event-log/decode-event.ts'
import { emptyStream, type CommandContext } from '../../domain/event-log/seal-events.ts'
import { fingerprintOf, userStream } from '../../domain/ids.ts'
import { comesByMail, kinds, type Kind, type MailChoice } from '../../domain/notification/kinds.ts'
import type { UserEvent } from '../../domain/user/events.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { acting, type Acting } from './acting.ts'
import type { PipelinePorts } from './ports.ts'
import { untilSettled } from './retry.ts'
import { turns } from '../keyed-mutex.ts'
import type { write } from './append.ts'

/** What is news for a reader's stream, given its last event and a few more, newest first, or that they do not tell. */
type News = (last: RecordedEvent | undefined, recent: readonly RecordedEvent[]) => UserEvent | null | 'read on'

/** Whether they go back to the first of their stream. */
const isWhole = (recent: readonly RecordedEvent[]): boolean => recent.length === (recent[0]?.version ?? 0)

const signedIn: UserEvent = { type: 'SignedIn', data: {}, personal: {} }

/** Who ended each kind of mails by a mail's link was not here yet. */
const mostBeforeSignIn = kinds.length

/** A person is news when seen first, or under another name or mail than last. */
const newcomer =
  ({ actor }: Acting): News =>
  (last, recent) => {
    if (last === undefined || (isWhole(recent) && recent.every(({ type }) => type === 'PreferencesSet')))
      return signedIn
    if (last.personal === erased) return null
    const known = last.personal.actor
    const { name, email } = namesOf(actor)
    return known.name === name && known.email === email ? null : signedIn
  }

/** Looking at the same ticket again is no news; of older looks the cursor itself only grows. */
const seenUpTo =
  (ticket: string, version: number): News =>
  (last) =>
    last?.type === 'TicketSeen' && last.data.ticket === ticket && last.data.version >= version
      ? null
      : { type: 'TicketSeen', data: { ticket, version }, personal: {} }

/** Seeing again what was seen is no news, unless something may have come since: all that is known is the stream. */
const notificationsSeen =
  (upTo: string | undefined): News =>
  (last) =>
    upTo !== undefined && last?.type === 'NotificationsSeen' && last.data.upTo === upTo
      ? null
      : { type: 'NotificationsSeen', data: upTo === undefined ? {} : { upTo }, personal: {} }

/** So far back a choice is looked for; one that was made before is recorded again, which changes nothing. */
const recentEvents = 200

/** What was chosen last; undefined where these do not tell. */
const choiceIn = (recent: readonly RecordedEvent[]): MailChoice | undefined => {
  const standing = recent.find((event) => event.type === 'PreferencesSet')
  if (standing?.type === 'PreferencesSet') return standing.data.mail
  return isWhole(recent) ? {} : undefined
}

const preferring =
  (mail: MailChoice): News =>
  (_last, recent) => {
    const chosen = choiceIn(recent)
    return chosen !== undefined && kinds.every((kind) => chosen[kind] === mail[kind])
      ? null
      : { type: 'PreferencesSet', data: { mail }, personal: {} }
  }

/** All else stays as it was chosen, however long ago. */
const withoutMails =
  (unwanted: readonly Kind[]): News =>
  (_last, recent) => {
    const chosen = choiceIn(recent)
    if (chosen === undefined) return 'read on'
    if (unwanted.every((kind) => !comesByMail(kind, chosen))) return null
    const mail = { ...chosen, ...Object.fromEntries(unwanted.map((kind) => [kind, false])) }
    return { type: 'PreferencesSet', data: { mail }, personal: {} }
  }

/** Each reading counts. */
const read =
  (ticket: string, version: number): News =>
  () => ({ type: 'HistoryRead', data: { ticket, version }, personal: {} })

/** A session ends once. */
const ended =
  (session: string): News =>
  (_last, recent) =>
    recent.some((event) => event.type === 'SignedOut' && event.data.session === session)
      ? null
      : { type: 'SignedOut', data: { session }, personal: {} }

/** The commands on a reader's own stream. They need its last events only, however long it grows (rulings, 21). */
export const reader = (
  ports: PipelinePorts,
  append: ReturnType<typeof write>,
  ticketStreamOf: Commands['stream'],
): Pick<Commands, 'seen' | 'seeNotifications' | 'prefer' | 'unsubscribe' | 'signIn' | 'signOut' | 'history'> => {
  const inTurn = turns()

  /** Newest first. */
  const readBack = async (stream: string, limit: number): Promise<Either<Refusal, readonly RecordedEvent[]>> => {
    const stored = await ports.store.readStream(stream, { direction: 'backwards', limit })()
    if (stored._tag === 'Left') return left(refusalOf(stored.left))
    const recent: RecordedEvent[] = []
    for (const each of stored.right) {
      const event = readEvent(each)
      if (event === null) return left({ tag: 'DamagedStream', stream })
      recent.push(event)
    }
    return right(recent)
  }

  const tell = (call: Call, who: Pick<CommandContext, 'actor' | 'via'>, news: News, limit = 1) =>
    untilSettled(ports, async () => {
      const stream = userStream(who.actor.id)
      let recent: readonly RecordedEvent[] = []
      let event: ReturnType<News> = 'read on'
      for (let most = limit; event === 'read on'; most *= 4) {
        const read = await readBack(stream, most)
        if (read._tag === 'Left') return read
        recent = read.right
        event = news(recent[0], recent)
      }
      const last = recent[0]
      if (event === null) return right({ position: last?.position ?? start })
      const mark = { commandId: ports.newId(), fingerprint: fingerprintOf(ports.sha256, event) }
      const head = last === undefined ? emptyStream : { version: last.version, hash: last.hash }
      return append(call, who, mark, stream, { head, lastAt: last?.occurredAt ?? '' }, [event])
    })

  const signIn: Commands['signIn'] = (call) => async () => {
    const who = acting(call.caller, undefined)
    return who._tag === 'Left' ? who : tell(call, who.right, newcomer(who.right), mostBeforeSignIn)
  }

  const signOut: Commands['signOut'] = (call, session) => async () => {
    const { caller } = call
    // Whoever signs out was here, should that not be on record yet.
    const known = caller.role === 'customer' || caller.role === 'support' ? await signIn(call)() : null
    return known?._tag === 'Left' ? known : tell(call, { actor: caller }, ended(session), recentEvents)
  }

  const seen: Commands['seen'] = (call, ticket, upTo) => async () => {
    const who = acting(call.caller, undefined)
    if (who._tag === 'Left') return who
    const events = await ticketStreamOf(call.caller, ticket)()
    if (events._tag === 'Left') return events
    const version = Math.min(upTo ?? Number.POSITIVE_INFINITY, events.right.at(-1)?.version ?? 0)
    return tell(call, who.right, seenUpTo(ticket, version))
  }

  const seeNotifications: Commands['seeNotifications'] = (call, upTo) => async () => {
    const who = acting(call.caller, undefined)
    return who._tag === 'Left' ? who : tell(call, who.right, notificationsSeen(upTo))
  }

  const prefer: Commands['prefer'] = (call, mail) => async () => {
    const who = acting(call.caller, undefined)
    return who._tag === 'Left' ? who : tell(call, who.right, preferring(mail), recentEvents)
  }

  const unsubscribe: Commands['unsubscribe'] = (call, unwanted) => async () => {
    const who = acting(call.caller, undefined)
    return who._tag === 'Left' ? who : tell(call, who.right, withoutMails(unwanted), recentEvents)
  }

  const history: Commands['history'] = (call, ticket) => async () => {
    const { caller } = call
    const events = await ticketStreamOf(caller, ticket)()
    if (events._tag === 'Left' || caller.role !== 'auditor') return events
    const shown = read(ticket, events.right.at(-1)?.version ?? 0)
    // An auditor's program reads many at once, and all are written to one stream.
    const recorded = await inTurn(caller.id, () => tell(call, { actor: caller }, shown))
    return recorded._tag === 'Left' ? recorded : events
  }

  return { seen, seeNotifications, prefer, unsubscribe, signIn, signOut, history }
}
