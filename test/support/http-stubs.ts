import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { sha256 } from '../../adapters/crypto.ts'
import type { Actor } from '../../domain/actor.ts'
import type { Call, Commands, Receipt } from '../../domain/commands.ts'
import type { Principal } from '../../domain/actor.ts'
import type { RecordedEvent } from '../../domain/event-log/envelope.ts'
import { decodeEvent } from '../../domain/event-log/decode-event.ts'
import { emptyStream, sealEvents } from '../../domain/event-log/seal-events.ts'
import type { DomainEvent } from '../../domain/event-log/event-types.ts'
import { ticketStream } from '../../domain/ids.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Request } from '../../domain/ticket/commands/registry.ts'

/** One command's part of a stream: who did what, when. */
export interface Step {
  readonly by: Actor
  readonly at: string
  readonly events: readonly DomainEvent[]
  readonly erased?: boolean
}

/** A ticket's stream as it would be read back; the nth command has the id `command-n`. */
export const streamOf = (ticket: string, steps: readonly Step[]): RecordedEvent[] => {
  let head = emptyStream
  let position = 0
  return steps.flatMap(({ by, at, events, erased }, n) => {
    const context = {
      actor: by,
      commandId: `command-${n + 1}`,
      correlationId: `correlation-${n + 1}`,
      fingerprint: '',
      occurredAt: at,
      recordedAt: at,
    }
    const sealed = sealEvents(sha256, () => '00'.repeat(16))(ticketStream(ticket), head, context, events)
    const last = sealed.at(-1)
    if (last !== undefined) head = { version: last.version, hash: last.hash }
    return sealed.flatMap((each) => {
      const personal = erased === true ? null : each.personal
      return decodeEvent({ ...each, personal, position: String(++position) }) ?? []
    })
  })
}

export const opened = (account: string, author: Actor, subject = 'No video'): DomainEvent => ({
  type: 'Opened',
  data: { account, category: { id: 'video-cdn', name: 'Video CDN' }, author: { id: author.id } },
  personal: { subject, description: 'It is black.', author: { name: author.name, email: author.email } },
})

/** A Desk that knows these streams, answers every command with `outcome`, and remembers what it was asked. */
export const fakeDesk = (
  streams: ReadonlyMap<string, { readonly account: string; readonly events: RecordedEvent[] }>,
) => {
  const asked: { readonly call: Call; readonly ticket: string | null; readonly request: Request }[] = []
  const signedIn: Call[] = []
  const signedOut = new Set<string>()
  const unsubscribed: (readonly string[])[] = []
  const state: {
    outcome: Either<Refusal, Receipt>
    signIn: Either<Refusal, { position: string }>
    signOut: Either<Refusal, { position: string }>
    hold: Promise<void>
  } = {
    outcome: right({ id: 'T-00000001', version: 3, status: 'open', position: '42' }),
    signIn: right({ position: '1' }),
    signOut: right({ position: '2' }),
    hold: Promise.resolve(),
  }
  const sees = (caller: Principal, account: string): boolean =>
    caller.role === 'analyst' ? false : !('account' in caller) || (caller.account ?? account) === account
  const find = (caller: Principal, ticket: string): Either<Refusal, readonly RecordedEvent[]> => {
    const found = streams.get(ticket)
    return found !== undefined && sees(caller, found.account) ? right(found.events) : left({ tag: 'NotFound' })
  }
  const commands: Commands = {
    open: (call, request) => async () => {
      asked.push({ call, ticket: null, request })
      await state.hold
      return state.outcome
    },
    act: (call, ticket, request) => async () => {
      const found = find(call.caller, ticket)
      if (found._tag === 'Left') return found
      const supportOnly = request.type === 'take' || request.type === 'status' || request.type === 'assign'
      if (supportOnly && call.caller.role === 'customer') return left({ tag: 'Forbidden', reason: 'support only' })
      asked.push({ call, ticket, request })
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
      return found._tag === 'Left' ? found : right({ position: '43' })
    },
    seeNotifications: () => async () => right({ position: '44' }),
    prefer: () => async () => right({ position: '45' }),
    unsubscribe: (call, kinds) => async () => {
      unsubscribed.push([call.caller.id, ...kinds])
      return right({ position: '46' })
    },
    signIn: (call) => async () => {
      signedIn.push(call)
      return state.signIn
    },
    signOut: (_call, session) => async () => {
      if (state.signOut._tag === 'Right') signedOut.add(session)
      return state.signOut
    },
  }
  return { commands, asked, signedIn, signedOut, unsubscribed, state }
}
