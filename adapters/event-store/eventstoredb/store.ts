import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { EventStore, StoredEvent, StoreFailure, StreamRange } from '../../../domain/event-log/event-store.ts'
import { stoppables } from '../stoppables.ts'
import { appender, type Deadlines } from './append.ts'
import { appendChannel } from './append-channel.ts'
import { callDeadline, connect, withoutNamespace } from './connect.ts'
import { subscribe, type SubscribedCluster } from './subscription.ts'
import { knownStreams } from './known-streams.ts'
import { streamNames } from './names.ts'
import { reader } from './read.ts'
import { nothingKept, searchedFile } from './searched-file.ts'
import { electionStream, joinElection, type Candidacy, type Candidate } from './leader-election.ts'

/** An event store that several processes share, and which elects leaders among them. */
export interface ClusterStore extends EventStore {
  /** Joins the election of this name until it is stopped or the store is closed. */
  readonly joinElection: (name: string, taker: Candidate) => Candidacy
}

export interface EventStoreDBOptions {
  /** `esdb://…` without a `connectionStringError`; its `namespace` separates the log from others on the cluster. */
  readonly connectionString: string
  /** Keeps what was searched among other programs' events; without it each start searches again. */
  readonly searchedFile?: string
  /** The log's events are being searched among others for so many seconds; called again and again meanwhile. */
  readonly onSearch?: (seconds: number) => void
}

/** In the order of versions, for the cache of known streams. */
const ascending = ({ direction }: StreamRange, events: readonly StoredEvent[]): readonly StoredEvent[] =>
  direction === 'backwards' ? events.toReversed() : events

/** Long enough for the cluster to elect a new leader. */
const defaultCallMs = 3_000

const deadlinesOf = (connectionString: string): Deadlines => {
  const callMs = callDeadline(connectionString) ?? defaultCallMs
  return { callMs, settleMs: 2.5 * callMs }
}

/**
 * The event store on a cluster of EventStoreDB. Opening does not connect: each call does, and fails within its deadline
 * where it cannot. A process needs one.
 */
export const openEventStoreDB = (options: EventStoreDBOptions): ClusterStore => {
  const { connectionString, namespace } = withoutNamespace(options.connectionString)
  const deadlines = deadlinesOf(connectionString)
  const client = connect(connectionString)
  const names = streamNames(namespace)
  const closing = new AbortController()
  const file = options.searchedFile === undefined ? nothingKept : searchedFile(options.searchedFile)
  const onSearch = options.onSearch ?? (() => undefined)
  const read = reader(client, names, file, { callMs: deadlines.callMs, closing: closing.signal, onSearch })
  const known = knownStreams()
  const append = appender(appendChannel(client), names, read, known, deadlines)
  const subscribed: SubscribedCluster = { client, names, read, silenceMs: (5 / 3) * deadlines.callMs }
  const running = stoppables()
  const appending = new Set<Promise<unknown>>()
  let closed = false

  const unlessClosed =
    <E, A>(task: TaskEither<E, A>): TaskEither<E | StoreFailure, A> =>
    () =>
      closed ? Promise.resolve(E.left({ tag: 'StoreClosed' })) : task()

  /** Lets `close` wait for the work, whatever its outcome. */
  const tracked = async <A>(work: Promise<A>): Promise<A> => {
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
      return closed ? E.left({ tag: 'StoreClosed' }) : tracked(append(stream, expected, events))
    },
    readStream: (stream, range = {}) =>
      unlessClosed(async () => {
        const events = await read.stream(stream, range)
        return pipe(
          events,
          E.tap((found) => E.right(known.add(stream, ascending(range, found)))),
        )
      }),
    readLog: (after, limit) => unlessClosed(() => read.log(after, limit)),
    head: () => unlessClosed(read.head),
    subscribe: (after, subscription, onBatch, onError) =>
      running.add(subscribe(subscribed, after, subscription, onBatch, onError)),
    joinElection: (name, candidate) =>
      running.add(joinElection(client, names, electionStream(name), deadlines.callMs, candidate)),
    close: async () => {
      if (closed) return
      closed = true
      closing.abort()
      await Promise.allSettled(appending)
      await running.stopAll()
      read.save()
      await client.dispose()
    },
  }
}
