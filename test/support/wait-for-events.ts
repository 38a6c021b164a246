import type { EventStore, StoredEvent } from '../../domain/event-log/event-store.ts'
import { start } from '../../domain/event-log/envelope.ts'

/** Resolves once the log holds `count` events that satisfy `counts`, from whatever process. */
export const waitForEvents = async (
  store: EventStore,
  count: number,
  counts: (event: StoredEvent) => boolean = () => true,
): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let seen = 0
  const onBatch = async (events: readonly StoredEvent[]): Promise<void> => {
    seen += events.filter(counts).length
    if (seen >= count) resolve()
  }
  const subscription = store.subscribe(start, { batchSize: 100 }, onBatch, reject)
  await promise
  await subscription.stop()
}
