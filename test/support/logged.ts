import type { EventStore, StoredEvent } from '../../domain/event-log/event-store.ts'
import { start } from '../../domain/event-log/envelope.ts'

/** Resolves once so many events stand in the log that `counts` lets through, whoever appends them. */
export const logged = async (
  store: EventStore,
  count: number,
  counts: (event: StoredEvent) => boolean = () => true,
): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let there = 0
  const onBatch = async (events: readonly StoredEvent[]): Promise<void> => {
    there += events.filter(counts).length
    if (there >= count) resolve()
  }
  const subscription = store.subscribe(start, { batchSize: 100 }, onBatch, reject)
  await promise
  await subscription.stop()
}
