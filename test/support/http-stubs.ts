import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { sha256 } from '../../adapters/crypto.ts'
import { sees, type Actor, type Principal } from '../../domain/actor.ts'
import type { Call, Commands, Acknowledgement, Receipt } from '../../domain/commands.ts'
import { positionOf, type RecordedEvent } from '../../domain/event-log/envelope.ts'
import { decodeEvent } from '../../domain/event-log/decode-event.ts'
import type { StoredEvent } from '../../domain/event-log/event-store.ts'
import { emptyStream, sealEvents, type StreamHead } from '../../domain/event-log/seal-events.ts'
import type { DomainEvent } from '../../domain/event-log/event-types.ts'
import { ticketStream, type AccountId, type StreamName, type TicketId } from '../../domain/ids.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Request } from '../../domain/ticket/commands/registry.ts'
import type { EndedSessions } from '../../domain/user/events.ts'
import { accountId, commandId, position, ticketId } from './ids.ts'

/** One command's events: who issued it, and when. */
export interface Step {
  readonly by: Actor
  readonly at: string
  readonly events: readonly DomainEvent[]
  readonly erased?: boolean
}

/** A log of these commands as a store has it; the nth command has the id `command-n`. */
export const storedLog = (commands: readonly (Step & { readonly stream: StreamName })[]): StoredEvent[] => {
  const heads = new Map<StreamName, StreamHead>()
  let last = 0
  return commands.flatMap(({ stream, by, at, events, erased }, n) => {
    const context = {
      actor: by,
      commandId: commandId(`command-${n + 1}`),
      correlationId: `correlation-${n + 1}`,
      fingerprint: '',
      occurredAt: at,
      recordedAt: at,
    }
    const head = heads.get(stream) ?? emptyStream
    const sealed = sealEvents(sha256, () => '00'.repeat(16))(stream, head, context, events)
    for (const { version, hash } of sealed) heads.set(stream, { version, hash })
    return sealed.map((each) => ({
      ...each,
      personal: erased === true ? null : each.personal,
      position: positionOf(++last),
    }))
  })
}

export const decoded = (events: readonly StoredEvent[]): RecordedEvent[] =>
  events.flatMap((event) => decodeEvent(event) ?? [])

/** A ticket's stream as it is read back. */
export const streamOf = (ticket: TicketId, steps: readonly Step[]): RecordedEvent[] =>
  decoded(storedLog(steps.map((step) => ({ ...step, stream: ticketStream(ticket) }))))

export const opened = (account: string, author: Actor, subject = 'No video'): DomainEvent => ({
  type: 'Opened',
  data: { account: accountId(account), category: { id: 'video-cdn', name: 'Video CDN' }, author: { id: author.id } },
  personal: { subject, description: 'It is black.', author: { name: author.name, email: author.email } },
})

/** Commands over these streams, which answer `outcome` and keep what they were called with. */
export const stubCommands = (
  streams: ReadonlyMap<TicketId, { readonly account: AccountId; readonly events: readonly RecordedEvent[] }>,
) => {
  const issued: { readonly call: Call; readonly ticket: TicketId | null; readonly request: Request }[] = []
  const signedIn: Call[] = []
  const signedOut = new Set<string>()
  const ended: EndedSessions[] = []
  const unsubscribed: (readonly string[])[] = []
  const state: {
    outcome: Either<Refusal, Receipt>
    signIn: Either<Refusal, Acknowledgement>
    signOut: Either<Refusal, Acknowledgement>
    hold: Promise<void>
  } = {
    outcome: right({ id: ticketId('T-00000001'), version: 3, status: 'open', position: position('42') }),
    signIn: right({ position: position('1') }),
    signOut: right({ position: position('2') }),
    hold: Promise.resolve(),
  }
  const find = (caller: Principal, ticket: TicketId): Either<Refusal, readonly RecordedEvent[]> => {
    const found = streams.get(ticket)
    return found !== undefined && sees(caller, found.account) ? right(found.events) : left({ tag: 'NotFound' })
  }
  const commands: Commands = {
    open: (call, request) => async () => {
      issued.push({ call, ticket: null, request })
      await state.hold
      return state.outcome
    },
    act: (call, ticket, request) => async () => {
      const found = find(call.caller, ticket)
      if (found._tag === 'Left') return found
      const supportOnly = request.type === 'take' || request.type === 'status' || request.type === 'assign'
      if (supportOnly && call.caller.role === 'customer') return left({ tag: 'Forbidden', reason: 'support only' })
      issued.push({ call, ticket, request })
      await state.hold
      return state.outcome
    },
    stream: (caller, ticket) => async () => find(caller, ticket),
    history:
      ({ caller }, ticket) =>
      async () =>
        find(caller, ticket),
    seen: (call, ticket) => async () => {
      const found = find(call.caller, ticket)
      return found._tag === 'Left' ? found : right({ position: position('43') })
    },
    seeNotifications: () => async () => right({ position: position('44') }),
    prefer: () => async () => right({ position: position('45') }),
    isUnread: () => async () => right(false),
    unsubscribe: (call, kinds) => async () => {
      unsubscribed.push([call.caller.id, ...kinds])
      return right({ position: position('46') })
    },
    signIn: (call) => async () => {
      signedIn.push(call)
      return state.signIn
    },
    signOut: (_call, sessions) => async () => {
      if (state.signOut._tag === 'Right') {
        ended.push(sessions)
        if ('session' in sessions) signedOut.add(sessions.session)
      }
      return state.signOut
    },
  }
  return { commands, issued, signedIn, signedOut, ended, unsubscribed, state }
}
