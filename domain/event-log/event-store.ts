import type { Either } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Envelope, Position } from './envelope.ts'

/** An event ready to be stored: the exact bytes that its hash covers, and the few fields that stores index. */
export interface SealedEvent {
  readonly id: Envelope['id']
  readonly stream: string
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

/** `0`: the stream must not exist yet. There is no "any": a writer always knows what it decided on (rulings, 9). */
export type ExpectedVersion = number

/** Where the append ended: the stream's version and the position of the last event. */
export interface Appended {
  readonly version: number
  readonly position: Position
}

export type AppendFailure =
  /** The stream stands elsewhere (`actual`), or holds these ids with another body. Nothing was stored. */
  { readonly tag: 'WrongExpectedVersion'; readonly stream: string; readonly actual: number } | StoreFailure

export type StoreFailure =
  /** Nothing was stored; the same call may succeed later. */
  | { readonly tag: 'StoreUnavailable'; readonly reason: string }
  | { readonly tag: 'StorageFull' }
  /** The disk or the connection failed while writing: it may be stored or not, until the stream is read again. */
  | { readonly tag: 'OutcomeUnknown'; readonly reason: string }
  | { readonly tag: 'DamagedStream'; readonly stream: string }
  | { readonly tag: 'StoreClosed' }

export interface StreamRange {
  /** `backwards` starts at the last event. */
  readonly direction?: 'forwards' | 'backwards'
  /** Forwards: the first version to read, 1 unless told. Backwards: the highest. */
  readonly from?: number
  readonly limit?: number
}

export interface Subscription {
  /** Resolves when the batch in hand is done and no further one will come. */
  readonly stop: () => Promise<void>
}

/**
 * The log. Every store passes `test/adapters/event-store/contract.ts`.
 *
 * - `append` stores all events of one stream or none; a resolved Right means that they are on the disk.
 *   The same events at the same versions again are an idempotent success with the first positions.
 * - `readStream` of an unknown stream is an empty list.
 * - `readLog` answers up to `limit` events behind `after`, in log order. `facts` is for views, which look at no proof: a
 *   store may then leave salt, digest and hashes empty, and be faster.
 * - `follow` calls `onBatch` for all events behind `after` and then for new ones, one batch at a time: the next
 *   waits for the promise, which is all the backpressure there is. Appends of other processes are seen too.
 *   A rejecting `onBatch` stops the following and is handed to `onError`.
 */
export interface EventStore {
  readonly append: (
    stream: string,
    expected: ExpectedVersion,
    events: readonly SealedEvent[],
  ) => TaskEither<AppendFailure, Appended>
  readonly readStream: (stream: string, range?: StreamRange) => TaskEither<StoreFailure, readonly StoredEvent[]>
  readonly readLog: (
    after: Position,
    limit: number,
    want?: 'whole' | 'facts',
  ) => TaskEither<StoreFailure, readonly StoredEvent[]>
  /** The position of the last event; `start` for an empty log. */
  readonly head: () => TaskEither<StoreFailure, Position>
  readonly subscribe: (
    after: Position,
    options: { readonly batchSize: number },
    onBatch: (events: readonly StoredEvent[]) => Promise<void>,
    onError: (error: unknown) => void,
  ) => Subscription
  readonly close: () => Promise<void>
}

/** The log, or a part of it, cannot be read now. */
export class UnreadableLog extends Error {}

/** What was read, for those who cannot go on without it. @throws UnreadableLog where it could not be. */
export const readable = <A>(read: Either<StoreFailure, A>): A => {
  if (read._tag === 'Left') throw new UnreadableLog(`the log cannot be read: ${read.left.tag}`)
  return read.right
}
