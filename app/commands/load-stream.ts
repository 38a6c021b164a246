import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { chainTask } from '../../domain/chain.ts'
import { decodeEvent } from '../../domain/event-log/decode-event.ts'
import type { RecordedEvent } from '../../domain/event-log/envelope.ts'
import type { EventStore, StoredEvent } from '../../domain/event-log/event-store.ts'
import { isIntact, type Sha256 } from '../../domain/event-log/hash.ts'
import { emptyStream, type StreamHead } from '../../domain/event-log/seal-events.ts'
import type { StreamName } from '../../domain/ids.ts'
import { refusalOf, type Refusal } from '../../domain/refusal.ts'

/** A stream as loaded: its events in order (all, or the last ones), and where it stands. */
export interface LoadedStream {
  readonly events: readonly RecordedEvent[]
  readonly head: StreamHead
  /** `occurredAt` of the last event, empty where there is none: a stream's times never go back. */
  readonly lastAt: string
}

/**
 * Decodes a run of one stream's events, oldest first, and checks their hashes and their chain. One event that was
 * altered or that this build cannot read refuses the whole stream: a decision on the others would be made on a wrong state.
 */
const decodeRun =
  (sha256: Sha256, stream: StreamName) =>
  (stored: readonly StoredEvent[]): E.Either<Refusal, LoadedStream> => {
    const events: RecordedEvent[] = []
    let previousHash = stored[0]?.version === 1 ? '' : stored[0]?.previousHash
    for (const each of stored) {
      const event = each.previousHash === previousHash && isIntact(sha256, each) ? decodeEvent(each) : null
      if (event === null) return E.left({ tag: 'DamagedStream', stream })
      previousHash = each.hash
      events.push(event)
    }
    const last = events.at(-1)
    return E.right({
      events,
      head: last === undefined ? emptyStream : { version: last.version, hash: last.hash },
      lastAt: last?.occurredAt ?? '',
    })
  }

const loaded = (
  sha256: Sha256,
  stream: StreamName,
  reading: ReturnType<EventStore['readStream']>,
): TE.TaskEither<Refusal, LoadedStream> =>
  pipe(
    reading,
    TE.mapLeft(refusalOf),
    chainTask((stored) => TE.fromEither(decodeRun(sha256, stream)(stored))),
  )

/** Loads a stream: its last `tail` events, or all of them. */
export const loadStream =
  (store: EventStore, sha256: Sha256) =>
  (stream: StreamName, tail?: number): TE.TaskEither<Refusal, LoadedStream> =>
    loaded(
      sha256,
      stream,
      tail === undefined
        ? store.readStream(stream)
        : pipe(
            store.readStream(stream, { direction: 'backwards', limit: tail }),
            TE.map((events) => events.toReversed()),
          ),
    )

/** Loads a stream's first event alone; an empty one has none. */
export const loadFirst =
  (store: EventStore, sha256: Sha256) =>
  (stream: StreamName): TE.TaskEither<Refusal, LoadedStream> =>
    loaded(sha256, stream, store.readStream(stream, { limit: 1 }))
