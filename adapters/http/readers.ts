import type { Either } from 'fp-ts/lib/Either.js'
import type { Principal } from '../../domain/actor.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Queries } from '../../projections/projection.ts'
import type { Helpdesk, Reporting } from '../../projections/registry.ts'
import type { Refused } from './problems.ts'
import type { Handled, JsonReply, Reply } from './replies.ts'

/** Queries in reader threads (docs/adr/0031-queries-in-reader-threads.md). */

/** A set of read models for queries that run at once, by `requireQueries`. */
export interface ReadableModels<M> {
  /**
   * One read model's queries in the database in use, or NotReady while it is being rebuilt. Call it for each request: a
   * rebuild replaces the database. One that answers goes on answering.
   */
  readonly query: <K extends keyof M & string>(model: K) => Either<Refusal, Queries<M>[K]>
  /** Whether they hold everything that the log held when they were opened. */
  readonly ready: () => boolean
  /** Until then, the share of the log that they hold (0 to 1); null where it is not known. */
  readonly progress: () => number | null
}

/** All that a query needs which may run in a reader thread (docs/adr/0031-queries-in-reader-threads.md). */
export interface ReaderPorts {
  readonly readModels: ReadableModels<Helpdesk>
  readonly reports: ReadableModels<Reporting>
}

/** What such a query knows of its request, in plain data. */
export interface ReaderContext {
  readonly caller: Principal
  /** The parts of the path in braces, decoded. */
  readonly params: Readonly<Record<string, string>>
  /** The part of the URL after the `?`, encoded. */
  readonly search: string
  /** The media type of the response, one of the route's. */
  readonly mediaType: string
}

/** Answers a query from read models alone. */
export type ReaderAnswer = (ports: ReaderPorts, context: ReaderContext) => Either<Refused, Reply | JsonReply<unknown>>

/** A query for a reader thread: its route, and what it knows of its request. */
export interface ReaderOrder extends ReaderContext {
  readonly operationId: string
}

/** Runs queries in reader threads; `createReaderPool` makes it. */
export interface Readers {
  /**
   * Answers a query, with `RateLimited` where its caller has too many waiting, and with `QueryTooExpensive` beyond the
   * deadline. `here` answers in this thread, where the reader cannot read its files.
   */
  readonly answer: (order: ReaderOrder, here: Handled) => Handled
}
