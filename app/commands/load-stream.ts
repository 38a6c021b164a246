import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { refusalOf } from '../../domain/refusal.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import type { RecordedEvent } from '../../domain/event-log/envelope.ts'
import { readEvent } from '../../domain/event-log/decode-event.ts'
import { emptyStream, type StreamHead } from '../../domain/event-log/seal-events.ts'
import { isIntact, type Sha256 } from '../../domain/event-log/hash.ts'
import type { Refusal } from '../../domain/refusal.ts'

/** A stream as loaded: its events in order, and where it stands. */
export interface Loaded {
  readonly events: readonly RecordedEvent[]
  readonly head: StreamHead
  /** `occurredAt` of the last event: a stream's times never go back. */
  readonly lastAt: string
}

/** Loads a stream whole. One event that was altered or that this build cannot read refuses all of it: deciding on a part would lie. */
export const loadStream =
  (store: EventStore, sha256: Sha256) =>
  (stream: string): TaskEither<Refusal, Loaded> =>
  async () => {
    const stored = await store.readStream(stream)()
    if (stored._tag === 'Left') return TE.left(refusalOf(stored.left))()
    const events: RecordedEvent[] = []
    let previousHash = ''
    for (const each of stored.right) {
      const intact = each.previousHash === previousHash && isIntact(sha256, each)
      const event = intact ? readEvent(each) : null
      previousHash = each.hash
      if (event === null) return TE.left<Refusal>({ tag: 'DamagedStream', stream })()
      events.push(event)
    }
    const last = events.at(-1)
    return TE.right<Refusal, Loaded>({
      events,
      head: last === undefined ? emptyStream : { version: last.version, hash: last.hash },
      lastAt: last?.occurredAt ?? '',
    })()
  }
