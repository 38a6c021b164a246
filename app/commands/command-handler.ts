import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { chain, chainTask } from '../../domain/chain.ts'
import type { Clock } from '../../domain/clock.ts'
import { readFurther, type Decider, type ReadFurther } from '../../domain/event-log/decider.ts'
import { start, type Position, type RecordedEvent } from '../../domain/event-log/envelope.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import type { DomainEvent } from '../../domain/event-log/event-types.ts'
import type { Sha256 } from '../../domain/event-log/hash.ts'
import { sealEvents, type CommandContext } from '../../domain/event-log/seal-events.ts'
import type { StreamName } from '../../domain/ids.ts'
import { refusalOf, type Refusal } from '../../domain/refusal.ts'
import { loadStream, type LoadedStream } from './load-stream.ts'
import { retryOnConflict, type Conflict } from './retry.ts'

/** What the handler needs of the outside. */
export interface CommandHandlerPorts {
  readonly store: EventStore
  readonly clock: Clock
  readonly sha256: Sha256
  /** 16 random bytes as 32 hex digits. */
  readonly newSalt: () => string
  /** A number in [0, 1), for the jitter between attempts. */
  readonly random: () => number
  /** Resolves after so many milliseconds. */
  readonly wait: (ms: number) => Promise<void>
  readonly observe?: (what: 'append' | 'conflict') => void
}

/** Who issues the command, which command it is, and under which conditions. */
export interface TransactContext extends Omit<CommandContext, 'occurredAt' | 'recordedAt'> {
  /** The stream must still stand at this version. */
  readonly ifVersion?: number
  /** When a recorded command happened, as ISO 8601; the clock's time unless given. */
  readonly at?: string
  /** Done once there are events to append and before they are: what it refuses is not appended. */
  readonly beforeAppend?: TE.TaskEither<Refusal, void>
}

/** What became of a command, whether it added anything or not. */
export interface Outcome<S, Ev> {
  /** The stream's state before `appended`: the one that was decided on, or in which a repeated command left it. */
  readonly stateBefore: S
  /** What this call appended. */
  readonly appended: readonly Ev[]
  /** The stream's version and the position of its last event after it; the log's start for an empty stream. */
  readonly version: number
  readonly position: Position
}

type Failure<R> = R | Refusal | Conflict | ReadFurther

const isReadFurther = (failure: unknown): failure is ReadFurther => failure === readFurther

export type Transact = <S, Ev extends DomainEvent, R>(
  stream: StreamName,
  decider: Decider<S, Ev, R>,
  context: TransactContext,
) => TE.TaskEither<R | Refusal, Outcome<S, Ev>>

/** What to do about a command on a loaded stream: nothing any more, or to append. */
type Plan<S, Ev> =
  | { readonly tag: 'Done'; readonly outcome: Outcome<S, Ev> }
  | { readonly tag: 'Append'; readonly state: S; readonly events: readonly Ev[]; readonly occurredAt: string }

const fold = <S>(
  { initial, evolve }: Pick<Decider<S, never, never>, 'initial' | 'evolve'>,
  events: readonly RecordedEvent[],
): S => {
  let state = initial
  for (const event of events) state = evolve(state, event)
  return state
}

/** A live clock never goes back within a stream; a recorded time that does is refused. */
const occurredAtOf = (at: string | undefined, now: string, lastAt: string): E.Either<Refusal, string> => {
  if (at === undefined) return E.right(now > lastAt ? now : lastAt)
  return at < lastAt ? E.left({ tag: 'OutOfOrder', last: lastAt }) : E.right(at)
}

/**
 * The one way to write to a stream: load it, fold it, decide, append at the version that was loaded; from the start
 * again, a bounded number of times, whenever somebody else appended first. Order of the checks: `authorise`, the
 * command's own id (a repeated command answers as it did then and appends nothing), `ifVersion`, `decide`.
 *
 * Left: what the decider refuses; `IdempotencyMismatch` (the id stands there with another body), `VersionConflict`,
 * `OutOfOrder` (a recorded time before the stream's last event), `Busy` (every attempt met a conflict), `DamagedStream`,
 * and what the store's failures mean to a caller.
 */
export const createCommandHandler = (ports: CommandHandlerPorts): Transact => {
  const load = loadStream(ports.store, ports.sha256)
  const seal = sealEvents(ports.sha256, ports.newSalt)

  return <S, Ev extends DomainEvent, R>(stream: StreamName, decider: Decider<S, Ev, R>, context: TransactContext) => {
    const { ifVersion, at, beforeAppend, ...command } = context

    /** The outcome of this very command, where the loaded events show that it was carried out before. */
    const repeatedIn = ({ events }: LoadedStream): E.Either<Refusal, Plan<S, Ev> | null> => {
      const index = events.findLastIndex(({ commandId }) => commandId === command.commandId)
      const last = events[index]
      if (last === undefined) return E.right(null)
      if (last.fingerprint !== command.fingerprint) return E.left({ tag: 'IdempotencyMismatch' })
      const state = fold(decider, events.slice(0, index + 1))
      return E.right({
        tag: 'Done',
        outcome: { stateBefore: state, appended: [], version: last.version, position: last.position },
      })
    }

    const decideOn = (
      { events, head, lastAt }: LoadedStream,
      state: S,
      now: string,
    ): E.Either<Failure<R>, Plan<S, Ev>> => {
      const { version } = head
      if (ifVersion !== undefined && ifVersion !== version) return E.left({ tag: 'VersionConflict', actual: version })
      const position = events.at(-1)?.position ?? start
      return pipe(
        decider.decide(state),
        chain((decided): E.Either<Failure<R>, Plan<S, Ev>> =>
          decided.length === 0
            ? E.right({ tag: 'Done', outcome: { stateBefore: state, appended: [], version, position } })
            : pipe(
                occurredAtOf(at, now, lastAt),
                E.map((occurredAt) => ({ tag: 'Append', state, events: decided, occurredAt })),
              ),
        ),
      )
    }

    const append = (
      { head }: LoadedStream,
      { state, events, occurredAt }: Extract<Plan<S, Ev>, { tag: 'Append' }>,
      recordedAt: string,
    ): TE.TaskEither<Failure<R>, Outcome<S, Ev>> => {
      const appended = pipe(
        ports.store.append(stream, head.version, seal(stream, head, { ...command, occurredAt, recordedAt }, events)),
        TE.bimap(
          (failure): Failure<R> => (failure.tag === 'WrongExpectedVersion' ? { tag: 'Conflict' } : refusalOf(failure)),
          ({ version, position }) => {
            ports.observe?.('append')
            return { stateBefore: state, appended: events, version, position }
          },
        ),
      )
      return beforeAppend === undefined
        ? appended
        : pipe(
            beforeAppend,
            chainTask(() => appended),
          )
    }

    /** The pure part is one Either: a chain of tasks costs ten times as much, and each command comes by here. */
    const carryOut = (loaded: LoadedStream): TE.TaskEither<Failure<R>, Outcome<S, Ev>> => {
      const state = fold(decider, loaded.events)
      const now = new Date(ports.clock.now()).toISOString()
      return pipe(
        decider.authorise?.(state) ?? E.right(undefined),
        chain((): E.Either<Failure<R>, Plan<S, Ev> | null> => repeatedIn(loaded)),
        chain((repeated) => (repeated === null ? decideOn(loaded, state, now) : E.right(repeated))),
        E.match(TE.left, (plan) => (plan.tag === 'Done' ? TE.right(plan.outcome) : append(loaded, plan, now))),
      )
    }

    /** Decided on the last `tail` events, and on four times as many whenever those were not enough. */
    const attempt = (tail: number | undefined): TE.TaskEither<R | Refusal | Conflict, Outcome<S, Ev>> =>
      pipe(
        load(stream, tail),
        chainTask(carryOut),
        TE.orElse((failure) => (isReadFurther(failure) ? attempt((tail ?? 1) * 4) : TE.left(failure))),
      )

    return retryOnConflict(ports)(attempt(decider.tail))
  }
}
