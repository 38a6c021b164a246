import { isLeft, type Either } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { EventId, StreamName } from '../ids.ts'
import type { Position } from './envelope.ts'

/** An event ready to be stored: the bytes that its hash covers, and the fields that stores index. */
export interface SealedEvent {
  readonly id: EventId
  readonly stream: StreamName
  /** 1, 2, … within the stream. */
  readonly version: number
  readonly type: string
  readonly envelope: string
  readonly data: string
  readonly personal: string
  /** 16 random bytes as 32 hex digits. */
  readonly salt: string
  readonly personalDigest: string
  /** Hash of the stream's event before; empty for the first. */
  readonly previousHash: string
  readonly hash: string
}

/** As read back; `personal` and `salt` are null once erased. */
export interface StoredEvent extends Omit<SealedEvent, 'personal' | 'salt'> {
  readonly position: Position
  readonly personal: string | null
  readonly salt: string | null
}

/** 0: the stream must not exist. There is no "any version", since every writer decided on a state that it loaded. */
export type ExpectedVersion = number

/** Where the append ended: the stream's version and the position of the last event. */
export interface Appended {
  readonly version: number
  readonly position: Position
}

export type AppendFailure =
  /** The stream has another version (`actual`), or these ids with another body. Nothing was stored. */
  { readonly tag: 'WrongExpectedVersion'; readonly stream: StreamName; readonly actual: number } | StoreFailure

export type StoreFailure =
  /** Nothing was stored; the same call may succeed later. */
  | { readonly tag: 'StoreUnavailable'; readonly reason: string }
  | { readonly tag: 'StorageFull' }
  /** The disk or the connection failed while writing: only reading the stream again shows whether it was stored. */
  | { readonly tag: 'OutcomeUnknown'; readonly reason: string }
  | { readonly tag: 'DamagedStream'; readonly stream: StreamName }
  | { readonly tag: 'StoreClosed' }

export interface StreamRange {
  /** `backwards` starts at the last event. */
  readonly direction?: 'forwards' | 'backwards'
  /** Forwards: the first version, by default 1. Backwards: the highest, by default that of the last event. */
  readonly from?: number
  readonly limit?: number
}

export interface Subscription {
  /** Resolves when the current batch is processed and no further one will be delivered. */
  readonly stop: () => Promise<void>
}

/** Why a subscription receives nothing, and since how many ms. */
export interface Stalled {
  readonly failure: StoreFailure
  readonly ms: number
}

/**
 * The event store (docs/adr/0006-event-store-port.md). Every implementation passes
 * `test/adapters/event-store/contract.ts`.
 *
 * - `append` stores all events of one stream or none; a Right means that they are on the disk. The same events at the
 *   same versions again succeed with the positions of the first append.
 * - `readStream` of an unknown stream is an empty list.
 * - `readLog` reads up to `limit` events after the position `after`, in log order. `unhashed`, which is for projections,
 *   allows a store to leave salt, digest and hashes empty, which is faster.
 * - `subscribe` passes all events after `after` and then new ones, also those of other processes, to `onBatch`, one batch
 *   at a time: the next waits for the promise, which is the only backpressure. A rejecting `onBatch` ends the subscription
 *   and is passed to `onError`. So is a read that fails, as `UnreadableLog`, where the store does not repeat it itself.
 *   A store that does calls `onStalled` once nothing could be received for 10 s, or at once where that lasts until somebody
 *   changes the store, again and again until it receives again, and then with null.
 */
export interface EventStore {
  readonly append: (
    stream: StreamName,
    expected: ExpectedVersion,
    events: readonly SealedEvent[],
  ) => TaskEither<AppendFailure, Appended>
  readonly readStream: (stream: StreamName, range?: StreamRange) => TaskEither<StoreFailure, readonly StoredEvent[]>
  readonly readLog: (
    after: Position,
    limit: number,
    want?: 'whole' | 'unhashed',
  ) => TaskEither<StoreFailure, readonly StoredEvent[]>
  /** The position of the last event; `start` for an empty log. */
  readonly head: () => TaskEither<StoreFailure, Position>
  readonly subscribe: (
    after: Position,
    options: { readonly batchSize: number; readonly onStalled?: (stalled: Stalled | null) => void },
    onBatch: (events: readonly StoredEvent[]) => Promise<void>,
    onError: (error: unknown) => void,
  ) => Subscription
  readonly close: () => Promise<void>
}

/** The log or a stream could not be read. Thrown where the caller cannot go on without it. */
export class UnreadableLog extends Error {
  readonly failure: StoreFailure
  constructor(failure: StoreFailure) {
    super(`the log cannot be read: ${'reason' in failure ? failure.reason : failure.tag}`)
    this.failure = failure
  }
}

/** The result of a read. @throws UnreadableLog where it failed. */
export const readable = <A>(read: Either<StoreFailure, A>): A => {
  if (isLeft(read)) throw new UnreadableLog(read.left)
  return read.right
}
