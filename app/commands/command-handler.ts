import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Clock } from '../../domain/clock.ts'
import { readFurther, type Decider, type ReadFurther } from '../../domain/event-log/decider.ts'
import { decodeEvent } from '../../domain/event-log/decode-event.ts'
import { start, type Position, type RecordedEvent } from '../../domain/event-log/envelope.ts'
import type { EventStore, SealedEvent } from '../../domain/event-log/event-store.ts'
import type { DomainEvent } from '../../domain/event-log/event-types.ts'
import type { Sha256 } from '../../domain/event-log/hash.ts'
import { sealEvents, type CommandContext } from '../../domain/event-log/seal-events.ts'
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

/** Where the stream stands after a command, whether it added anything or not. */
export interface Outcome<S> {
  readonly state: S
  readonly version: number
  /** Of the stream's last event; the log's start for an empty stream. */
  readonly position: Position
  /** How many events this call appended. */
  readonly added: number
}

type Failure<R> = R | Refusal | Conflict | ReadFurther

const isReadFurther = (failure: unknown): failure is ReadFurther => failure === readFurther

export type Transact = <S, Ev extends DomainEvent, R>(
  stream: string,
  decider: Decider<S, Ev, R>,
  context: TransactContext,
) => TE.TaskEither<R | Refusal, Outcome<S>>

const fold = <S>(
  { evolve }: Pick<Decider<S, never, never>, 'evolve'>,
  state: S,
  events: readonly RecordedEvent[],
): S => {
  let folded = state
  for (const event of events) folded = evolve(folded, event)
  return folded
}

/** The events as they will be read back, each at the position of the append's last. */
const recordedAt = (position: Position, sealed: readonly SealedEvent[]): readonly RecordedEvent[] =>
  sealed.flatMap((event) => decodeEvent({ ...event, position }) ?? [])

/** A live clock never goes back within a stream; a recorded time that does is refused. */
const occurredAt = (at: string | undefined, now: string, lastAt: string): E.Either<Refusal, string> => {
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

  return <S, Ev extends DomainEvent, R>(stream: string, decider: Decider<S, Ev, R>, context: TransactContext) => {
    const { ifVersion, at, beforeAppend = TE.right(undefined), ...command } = context

    /** The outcome of this very command, where the loaded events show that it was carried out before. */
    const repeatedIn = ({ events }: LoadedStream): E.Either<Refusal, Outcome<S> | null> => {
      const index = events.findLastIndex(({ commandId }) => commandId === command.commandId)
      const last = events[index]
      if (last === undefined) return E.right(null)
      if (last.fingerprint !== command.fingerprint) return E.left({ tag: 'IdempotencyMismatch' })
      const state = fold(decider, decider.initial, events.slice(0, index + 1))
      return E.right({ state, version: last.version, position: last.position, added: 0 })
    }

    const append = (
      { head, lastAt }: LoadedStream,
      state: S,
      events: readonly Ev[],
    ): TE.TaskEither<Refusal | Conflict, Outcome<S>> => {
      const now = new Date(ports.clock.now()).toISOString()
      return pipe(
        TE.fromEither(occurredAt(at, now, lastAt)),
        TE.tap(() => beforeAppend),
        TE.map((occurred) => seal(stream, head, { ...command, occurredAt: occurred, recordedAt: now }, events)),
        TE.flatMap((sealed) =>
          pipe(
            ports.store.append(stream, head.version, sealed),
            TE.mapLeft((failure): Refusal | Conflict =>
              failure.tag === 'WrongExpectedVersion' ? { tag: 'Conflict' } : refusalOf(failure),
            ),
            TE.map(({ version, position }) => ({
              state: fold(decider, state, recordedAt(position, sealed)),
              version,
              position,
              added: sealed.length,
            })),
          ),
        ),
        TE.tapIO(() => () => ports.observe?.('append')),
      )
    }

    /** Decides on the loaded events and appends; what changes nothing answers with the stream as it stands. */
    const decideAndAppend = (loaded: LoadedStream, state: S): TE.TaskEither<Failure<R>, Outcome<S>> => {
      const { version } = loaded.head
      if (ifVersion !== undefined && ifVersion !== version) return TE.left({ tag: 'VersionConflict', actual: version })
      return pipe(
        TE.fromEither(decider.decide(state)),
        TE.flatMap((events): TE.TaskEither<Failure<R>, Outcome<S>> =>
          events.length === 0
            ? TE.right({ state, version, position: loaded.events.at(-1)?.position ?? start, added: 0 })
            : append(loaded, state, events),
        ),
      )
    }

    const carryOut = (loaded: LoadedStream): TE.TaskEither<Failure<R>, Outcome<S>> => {
      const state = fold(decider, decider.initial, loaded.events)
      return pipe(
        TE.fromEither<Failure<R>, void>(decider.authorise?.(state) ?? E.right(undefined)),
        TE.flatMapEither(() => repeatedIn(loaded)),
        TE.flatMap((repeated) => (repeated === null ? decideAndAppend(loaded, state) : TE.right(repeated))),
      )
    }

    /** Decided on the last `tail` events, and on four times as many whenever those were not enough. */
    const attempt = (tail: number | undefined): TE.TaskEither<R | Refusal | Conflict, Outcome<S>> =>
      pipe(
        load(stream, tail),
        TE.flatMap(carryOut),
        TE.orElse((failure) => (isReadFurther(failure) ? attempt((tail ?? 1) * 4) : TE.left(failure))),
      )

    return retryOnConflict(ports)(attempt(decider.tail))
  }
}
