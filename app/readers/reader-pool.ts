import { Worker } from 'node:worker_threads'
import * as E from 'fp-ts/lib/Either.js'
import { accountOf } from '../../domain/actor.ts'
import type { Refused } from '../../adapters/http/problems.ts'
import { fairQueue } from './fair-queue.ts'
import type { Source } from '../projections/read-only-models.ts'
import type { ReaderRequest, ReaderResult } from './reader-thread.ts'
import type { ReaderOrder, Readers } from '../../adapters/http/readers.ts'
import type { AnyReply, Handled } from '../../adapters/http/replies.ts'

export interface ReaderPoolOptions {
  /** Threads; at least one. */
  readonly size: number
  /** Of one query, in ms. */
  readonly deadlineMs: number
  /** The files to read from, when a query begins. */
  readonly sources: () => { readonly readModels: Source; readonly reports: Source }
  readonly log: { readonly error: (fields: object, message: string) => void }
  /** The thread's script. */
  readonly script?: URL
}

export interface ReaderPool extends Readers {
  /** Resolves when every thread has ended; what waits is refused. */
  readonly close: () => Promise<void>
}

type Result = E.Either<Refused, AnyReply>

interface Waiting {
  readonly order: ReaderOrder
  readonly here: Handled
  readonly settle: (result: Result) => void
  readonly fail: (error: unknown) => void
}

/** A thread, and what it is working on. */
interface Reader {
  readonly worker: Worker
  /** Its deadline would be spent on starting otherwise. */
  hasStarted: boolean
  running: { readonly waiting: Waiting; readonly timer: NodeJS.Timeout } | null
}

/** The heap of a thread; what needs more is refused. */
const resourceLimits = { maxOldGenerationSizeMb: 512 }

/** How long after a thread that could not start the next one is tried, in ms. */
const restartMs = 1_000

const closing: Refused = { tag: 'NotReady', reason: 'the server is closing' }
const notStarted: Refused = { tag: 'NotReady', reason: 'no reader thread can be started' }

const callerKey = ({ caller }: ReaderOrder): string => JSON.stringify([caller.role, accountOf(caller), caller.id])

/**
 * Runs queries in threads, one at a time in each, so that none stops the event loop. Callers are served round-robin, so
 * that nobody's queries wait for all of another's. A query that takes longer than the deadline is refused, and its thread
 * is replaced: a statement of SQLite cannot be interrupted.
 */
export const createReaderPool = ({
  size,
  deadlineMs,
  sources,
  log,
  script = new URL('reader-thread.ts', import.meta.url),
}: ReaderPoolOptions): ReaderPool => {
  const queue = fairQueue<Waiting>()
  const readers = new Set<Reader>()
  const ending = new Set<Promise<unknown>>()
  let closed = false

  const refuseWaiting = (refused: Refused): void => {
    for (let waiting = queue.take(); waiting !== undefined; waiting = queue.take()) {
      waiting.settle(E.left(refused))
      queue.done(callerKey(waiting.order))
    }
  }

  const replace = (reader: Reader): void => {
    if (!readers.delete(reader)) return
    const ended = reader.worker.terminate()
    ending.add(ended)
    void ended.finally(() => ending.delete(ended))
    if (closed || reader.hasStarted) return start()
    refuseWaiting(notStarted)
    setTimeout(start, restartMs).unref()
  }

  const finish = (reader: Reader, result: Result | null): Waiting | null => {
    const { running } = reader
    if (running === null) return null
    clearTimeout(running.timer)
    reader.running = null
    queue.done(callerKey(running.waiting.order))
    if (result !== null) running.waiting.settle(result)
    return running.waiting
  }

  const fail = (reader: Reader, refused: Refused, fields: object, message: string): void => {
    const operation = reader.running?.waiting.order.operationId
    if (!closed) log.error({ operation, ...fields }, message)
    finish(reader, E.left(refused))
    replace(reader)
  }

  const onResult = (reader: Reader, result: ReaderResult): void => {
    switch (result.tag) {
      case 'started':
        reader.hasStarted = true
        break
      case 'replied':
        finish(reader, E.right(result.reply))
        break
      case 'refused':
        finish(reader, E.left(result.refused))
        break
      case 'unreadable': {
        const waiting = finish(reader, null)
        if (waiting !== null) void Promise.resolve().then(waiting.here).then(waiting.settle, waiting.fail)
        break
      }
      case 'failed':
        log.error({ reason: result.reason }, 'a query failed')
        finish(reader, E.left({ tag: 'Internal' }))
        break
    }
    next(reader)
  }

  const next = (reader: Reader): void => {
    const waiting =
      closed || !reader.hasStarted || reader.running !== null || !readers.has(reader) ? undefined : queue.take()
    if (waiting === undefined) return
    const timer = setTimeout(() => fail(reader, { tag: 'QueryTooExpensive' }, {}, 'a query took too long'), deadlineMs)
    reader.running = { waiting, timer }
    const request: ReaderRequest = { order: waiting.order, ...sources() }
    reader.worker.postMessage(request, [])
  }

  const start = (): void => {
    if (closed) return
    const worker = new Worker(script, { resourceLimits })
    worker.unref()
    const reader: Reader = { worker, hasStarted: false, running: null }
    readers.add(reader)
    worker.on('message', (result: ReaderResult) => onResult(reader, result))
    worker.on('error', (err) => fail(reader, { tag: 'QueryTooExpensive' }, { err }, 'a reader thread failed'))
    worker.on('exit', () => replace(reader))
  }
  for (let n = 0; n < size; n++) start()

  return {
    answer: (order, here) => () =>
      new Promise((settle, fail) => {
        if (closed) return settle(E.left(closing))
        const isAdded = queue.add(callerKey(order), { order, here, settle, fail })
        if (!isAdded) return settle(E.left({ tag: 'RateLimited', retryAfterSeconds: 1 }))
        for (const reader of readers) next(reader)
      }),
    close: async () => {
      closed = true
      refuseWaiting(closing)
      for (const reader of readers) {
        finish(reader, E.left(closing))
        replace(reader)
      }
      await Promise.allSettled(ending)
    },
  }
}
