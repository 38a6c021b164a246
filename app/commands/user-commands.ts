import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { namesOf, type Principal } from '../../domain/actor.ts'
import type { Call, TicketCommands, UserCommands } from '../../domain/commands.ts'
import { fingerprintOf, userStream, commandIdFrom } from '../../domain/ids.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { isUnread as isUnreadFor } from '../../domain/ticket/unread.ts'
import { userDecider, type UserCommand } from '../../domain/user/user.ts'
import { keyedMutex } from '../keyed-mutex.ts'
import { acting } from './acting.ts'
import type { Transact } from './command-handler.ts'
import { loadStream } from './load-stream.ts'
import type { CommandPorts } from './ports.ts'
import type { TicketHeads } from './ticket-commands.ts'

/** Commands on a person's own stream: reading marks, preferences, sessions, and what an auditor read. */
export const createUserCommands = (
  ports: CommandPorts,
  transact: Transact,
  { stream, lastVersion }: Pick<TicketCommands, 'stream'> & TicketHeads,
): UserCommands => {
  const oneAtATime = keyedMutex()
  const load = loadStream(ports.store, ports.sha256)

  const issue = (call: Call, actor: Principal, command: UserCommand): ReturnType<UserCommands['signIn']> =>
    pipe(
      transact(userStream(actor.id), userDecider(command), {
        actor,
        commandId: commandIdFrom(ports.newId()),
        correlationId: call.correlationId,
        fingerprint: fingerprintOf(ports.sha256, command),
      }),
      TE.tapTask(({ appended, position }) => async () => {
        if (appended.length > 0) await ports.caughtUp(position)
      }),
    )

  /** For customers and support, who alone have reading marks, notifications and preferences. */
  const issueAsSelf = (call: Call, command: UserCommand): ReturnType<UserCommands['signIn']> =>
    pipe(
      TE.fromEither(acting(call.caller, undefined)),
      TE.flatMap(({ actor }) => issue(call, actor, command)),
    )

  const signIn: UserCommands['signIn'] = (call) => issueAsSelf(call, { type: 'signIn', names: namesOf(call.caller) })

  /** A session may end before the first request of its person was recorded: that is recorded first. */
  const signOut: UserCommands['signOut'] = (call, ended) => {
    const { caller } = call
    const end = issue(call, caller, { type: 'signOut', ended })
    return caller.role === 'customer' || caller.role === 'support'
      ? pipe(
          signIn(call),
          TE.flatMap(() => end),
        )
      : end
  }

  const seen: UserCommands['seen'] = (call, ticket, upTo = Number.POSITIVE_INFINITY) =>
    pipe(
      TE.fromEither(acting(call.caller, undefined)),
      TE.flatMap(() => lastVersion(call.caller, ticket)),
      TE.flatMap((last) => issueAsSelf(call, { type: 'seeTicket', ticket, version: Math.min(upTo, last) })),
    )

  /** An auditor's reading is recorded before the answer; their readings are appended one at a time, since all go to one stream. */
  const history: UserCommands['history'] = (call, ticket) =>
    pipe(
      stream(call.caller, ticket),
      TE.tap((events): TE.TaskEither<Refusal, unknown> => {
        const { caller } = call
        if (caller.role !== 'auditor') return TE.right(undefined)
        const version = events.at(-1)?.version ?? 0
        return () => oneAtATime(caller.id, issue(call, caller, { type: 'readHistory', ticket, version }))
      }),
    )

  const isUnread: UserCommands['isUnread'] = ({ id, role }, ticket, events) =>
    pipe(
      load(userStream(id)),
      TE.map((own) => isUnreadFor(ticket, events, { isSupport: role === 'support', events: own.events })),
    )

  return {
    signIn,
    signOut,
    seen,
    seeNotifications: (call, upTo) => issueAsSelf(call, { type: 'seeNotifications', upTo }),
    prefer: (call, mail) => issueAsSelf(call, { type: 'setPreferences', mail }),
    unsubscribe: (call, unwanted) => issueAsSelf(call, { type: 'unsubscribe', kinds: unwanted }),
    isUnread,
    history,
  }
}
