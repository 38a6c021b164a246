import { left } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { EventStore, StoredEvent, StoreFailure, StreamRange } from '../../../domain/event-log/event-store.ts'
import { appender, type Deadlines } from './append.ts'
import { callDeadline, connect, withoutNamespace } from './connect.ts'
import { subscribe, type FollowedCluster } from './subscription.ts'
import { knownStreams } from './known-streams.ts'
import { streamNames } from './names.ts'
import { reader } from './read.ts'
import { takeTurns, type Turn, type TurnTaker } from './leader-election.ts'

/** The log, and what else processes on one cluster share through it. */
export interface ClusterStore extends EventStore {
  /** Waits for the turn of this name until stopped; closing the store stops it. */
  readonly takeTurns: (name: string, taker: TurnTaker) => Turn
}

export interface EventStoreDBOptions {
  /** `esdb://…`, as `flawOf` in connect.ts lets it pass; its `namespace` keeps the log apart from others there. */
  readonly connectionString: string
}

/** A reader's own stream is only looked at from its end, however long it grows. */
const inOrder = ({ direction }: StreamRange, events: readonly StoredEvent[]): readonly StoredEvent[] =>
  direction === 'backwards' ? events.toReversed() : events

/** A command waits for a new leader, and not much longer. */
const usualCallMs = 3_000

const deadlinesOf = (connectionString: string): Deadlines => {
  const callMs = callDeadline(connectionString) ?? usualCallMs
  return { callMs, settleMs: 2.5 * callMs }
}

/**
 * The event store on a cluster of EventStoreDB. Opening connects to nothing: each call does, and says so within its
 * deadline where it cannot. One for a process is enough.
 */
export const openEventStoreDB = (options: EventStoreDBOptions): ClusterStore => {
  const { connectionString, namespace } = withoutNamespace(options.connectionString)
  const deadlines = deadlinesOf(connectionString)
  const client = connect(connectionString)
  const names = streamNames(namespace)
  const read = reader(client, names, deadlines.callMs)
  const known = knownStreams()
  const append = appender(client, names, read, known, deadlines)
  const followed: FollowedCluster = {
    client,
    names,
    head: async () => {
      const head = await read.head()
      return head._tag === 'Right' ? head.right : null
    },
    silenceMs: 5 * deadlines.callMs,
  }
  const followers = new Set<() => Promise<void>>()
  const appending = new Set<Promise<unknown>>()
  let closed = false

  const unlessClosed =
    <E, A>(task: TaskEither<E, A>): TaskEither<E | StoreFailure, A> =>
    () =>
      closed ? Promise.resolve(left({ tag: 'StoreClosed' })) : task()

  /** Closing waits for it, however it ends. */
  const begun = async <A>(work: Promise<A>): Promise<A> => {
    appending.add(work)
    try {
      return await work
    } finally {
      appending.delete(work)
    }
  }

  return {
    append: (stream, expected, events) => async () => {
      if (events.length === 0) throw new Error('an append needs at least one event')
      return closed ? left({ tag: 'StoreClosed' }) : begun(append(stream, expected, events))
    },
    readStream: (stream, range = {}) =>
      unlessClosed(async () => {
        const events = await read.stream(stream, range)
        if (events._tag === 'Right') known.learn(stream, inOrder(range, events.right))
        return events
      }),
    readLog: (after, limit) => unlessClosed(() => read.log(after, limit)),
    head: () => unlessClosed(read.head),
    subscribe: (after, { batchSize }, onBatch, onError) => {
      const subscription = subscribe(followed, after, batchSize, onBatch, onError)
      const stop = async (): Promise<void> => {
        followers.delete(stop)
        await subscription.stop()
      }
      followers.add(stop)
      return { stop }
    },
    takeTurns: (name, taker) => {
      const turn = takeTurns(client, names.onCluster(`turn-${name}`), deadlines.callMs, taker)
      const stop = async (): Promise<void> => {
        followers.delete(stop)
        await turn.stop()
      }
      followers.add(stop)
      return { stop }
    },
    close: async () => {
      if (closed) return
      closed = true
      await Promise.allSettled(appending)
      await Promise.all([...followers].map((stop) => stop()))
      await client.dispose()
    },
  }
}
