import {
  BACKWARDS,
  END,
  FORWARDS,
  type EventStoreDBClient,
  type ResolvedEvent,
  type StreamingRead,
} from '@eventstore/db-client'
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import type { StoreFailure, StoredEvent, StreamRange } from '../../../domain/event-log/event-store.ts'
import type { Position } from '../../../domain/event-log/envelope.ts'
import type { StreamName } from '../../../domain/ids.ts'
import { storedEvent } from './event.ts'
import type { StreamNames } from './names.ts'
import { readAll, type LogPage, type LogRecord } from './read-all.ts'
import { logSearch } from './search.ts'
import type { SearchedFile } from './searched-file.ts'
import {
  permanentFailure,
  errorType,
  everyStream,
  failureOf,
  DeadlineExceeded,
  retryWithin,
  within,
} from './failures.ts'

/** All events of a read. The call is cancelled in any case: one that is left alone stays open on the server. */
const collect = (names: StreamNames, reading: StreamingRead<ResolvedEvent>, ms: number): Promise<StoredEvent[]> =>
  new Promise((resolve, reject) => {
    const events: StoredEvent[] = []
    const end = (settle: () => void): void => {
      clearTimeout(timer)
      // Rejects where there was no connection.
      reading.cancel().catch(() => undefined)
      settle()
    }
    const timer = setTimeout(() => end(() => reject(new DeadlineExceeded())), ms)
    reading.on('data', ({ event }: ResolvedEvent) => {
      if (event === undefined) return
      const { streamId, position } = event
      events.push(storedEvent({ ...event, stream: names.fromCluster(streamId), commit: position?.commit ?? 0n }))
    })
    reading.on('error', (error) => end(() => reject(error)))
    reading.on('end', () => end(() => resolve(events)))
  })

/** A search is given up after so long; the next one begins anew. */
const longestSearchMs = 3_600_000

export interface ReaderOptions {
  /** For one call, in ms. */
  readonly callMs: number
  /** Aborted when the store is closed. */
  readonly closing: AbortSignal
  /** The log's events are being searched among others for so many seconds; called again and again meanwhile. */
  readonly onSearch: (seconds: number) => void
}

/** Reads from the leader. Each settles: within `callMs`, or for a search while the server answers other calls. */
export const reader = (
  client: EventStoreDBClient,
  names: StreamNames,
  file: SearchedFile,
  { callMs, closing, onSearch }: ReaderOptions,
) => {
  const retried = async <A>(
    name: StreamName,
    attempt: (remainingMs: number) => Promise<A>,
    isOver: () => boolean,
  ): Promise<Either<StoreFailure, A>> => {
    const isPermanent = (error: unknown): boolean => isOver() || permanentFailure(error, name) !== null
    const outcome = await retryWithin(callMs, attempt, isPermanent)
    if ('done' in outcome) return right(outcome.done)
    return left(isOver() ? { tag: 'StoreClosed' } : failureOf(outcome.error, name))
  }
  const searched = <A>(attempt: () => Promise<A>): Promise<Either<StoreFailure, A>> =>
    retried(everyStream, attempt, () => closing.aborted)

  const readPage = async (page: LogPage): Promise<readonly LogRecord[]> => {
    const late = new AbortController()
    const reading = readAll(client, page, AbortSignal.any([closing, late.signal]))
    return within(callMs, reading, () => late.abort())
  }

  const lastRecord: LogPage = { from: null, limit: 1, prefixes: [] }

  /** A filtered read, for as long as the server answers another one every `callMs`. */
  const scan = async (page: LogPage, until: Position | null = null): Promise<readonly LogRecord[]> => {
    const over = new AbortController()
    const began = performance.now()
    const scanning = readAll(client, page, AbortSignal.any([closing, over.signal]), until)
    try {
      for (;;) {
        try {
          return await within(callMs, scanning)
        } catch (error) {
          const ms = performance.now() - began
          if (!(error instanceof DeadlineExceeded) || ms > longestSearchMs) throw error
          await readPage(lastRecord)
          onSearch(Math.round(ms / 1000))
        }
      }
    } finally {
      over.abort()
    }
  }

  const search = logSearch({ read: readPage, scan }, names, file)

  /** Goes on while the store is closed: an append may wait for it. */
  const stream = (name: StreamName, { direction = 'forwards', from, limit }: StreamRange = {}) => {
    const attempt = async (ms: number): Promise<readonly StoredEvent[]> => {
      const backwards = direction === 'backwards'
      const reading = client.readStream(names.onCluster(name), {
        direction: backwards ? BACKWARDS : FORWARDS,
        ...(from === undefined ? (backwards ? { fromRevision: END } : {}) : { fromRevision: BigInt(from - 1) }),
        ...(limit === undefined ? {} : { maxCount: limit }),
        requiresLeader: true,
      })
      try {
        return await collect(names, reading, ms)
      } catch (error) {
        if (errorType(error) === 'stream-not-found') return []
        throw error
      }
    }
    return retried(name, attempt, () => false)
  }

  return {
    stream,
    log: (after: Position, limit: number) => searched(() => search.page(after, limit)),
    head: () => searched(search.head),
    resume: search.resume,
    /** Keeps what was searched for the next start. */
    save: search.save,
  }
}

export type Reader = ReturnType<typeof reader>
