import { left, right } from 'fp-ts/lib/Either.js'
import { stoppables } from '../../adapters/event-store/stoppables.ts'
import { positionOf } from '../../domain/event-log/envelope.ts'
import type { EventStore, StoredEvent } from '../../domain/event-log/event-store.ts'
import type { StreamName } from '../../domain/ids.ts'

/** An event store in memory for tests. It stores and returns copies, as a real one stores bytes. */
export const memoryEventStore = (): EventStore => {
  const log: StoredEvent[] = []
  const wakes = new Set<() => void>()
  const running = stoppables()
  let closed = false
  const raiseChange = (): void => {
    for (const wake of wakes) wake()
    wakes.clear()
  }
  const streamOf = (stream: StreamName): StoredEvent[] => log.filter((event) => event.stream === stream)
  const copy = <A>(value: A): A => structuredClone(value)

  return {
    append: (stream, expected, events) => async () => {
      if (closed) return left({ tag: 'StoreClosed' })
      if (events.length === 0) throw new Error('an append needs at least one event')
      const stored = streamOf(stream)
      if (stored.length !== expected) {
        const same = events.map((event) => stored.find(({ hash }) => hash === event.hash))
        const last = same.at(-1)
        return last !== undefined && same.every((event) => event !== undefined)
          ? right({ version: last.version, position: last.position })
          : left({ tag: 'WrongExpectedVersion', stream, actual: stored.length })
      }
      let previousHash = stored.at(-1)?.hash ?? ''
      for (const [index, event] of events.entries()) {
        if (event.stream !== stream || event.version !== expected + index + 1 || event.previousHash !== previousHash) {
          throw new Error(`event ${event.id} is not chained to ${stream}`)
        }
        if (stored.some(({ id }) => id === event.id)) throw new Error(`event ${event.id} stands in ${stream} already`)
        previousHash = event.hash
      }
      for (const event of events) log.push(copy({ ...event, position: positionOf(log.length + 1) }))
      raiseChange()
      return right({ version: expected + events.length, position: positionOf(log.length) })
    },
    readStream:
      (stream, { direction = 'forwards', from, limit = Number.POSITIVE_INFINITY } = {}) =>
      async () => {
        if (closed) return left({ tag: 'StoreClosed' })
        const all = streamOf(stream)
        const part =
          direction === 'forwards'
            ? all.filter(({ version }) => version >= (from ?? 1))
            : all.filter(({ version }) => version <= (from ?? Number.POSITIVE_INFINITY)).toReversed()
        return right(copy(part.slice(0, limit)))
      },
    readLog: (after, limit) => async () =>
      closed ? left({ tag: 'StoreClosed' }) : right(copy(log.slice(Number(after), Number(after) + limit))),
    eventAt: (position) => async () =>
      closed ? left({ tag: 'StoreClosed' }) : right(copy(log.find((event) => event.position === position) ?? null)),
    head: () => async () => (closed ? left({ tag: 'StoreClosed' }) : right(positionOf(log.length))),
    subscribe: (after, { batchSize }, onBatch, onError) => {
      let stopped = false
      const run = async (): Promise<void> => {
        let at = Number(after)
        while (!stopped) {
          if (at >= log.length) {
            await new Promise<void>((resolve) => wakes.add(resolve))
            continue
          }
          const batch = copy(log.slice(at, at + batchSize))
          await onBatch(batch)
          at += batch.length
        }
      }
      const done = run().catch((error: unknown) => {
        if (!stopped) onError(error)
      })
      return running.add({
        stop: async () => {
          stopped = true
          raiseChange()
          await done
        },
      })
    },
    close: async () => {
      closed = true
      await running.stopAll()
    },
  }
}
