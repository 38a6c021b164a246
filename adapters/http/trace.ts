import type { IncomingMessage, ServerResponse } from 'node:http'
import { traceId } from './headers.ts'

/** What is known of a request from its first byte on, for logs, figures and events. */
export interface Trace {
  readonly requestId: string
  readonly correlationId: string
  /** In seconds since some start: for differences only. */
  readonly startedAt: number
  /** The route's path with its braces; null until one matched. */
  route: string | null
  /** The id of who is signed in. */
  caller: string | null
}

const traces = new WeakMap<IncomingMessage, Trace>()

const seconds = (): number => performance.now() / 1_000

export const secondsSince = (trace: Trace): number => seconds() - trace.startedAt

/** Takes over the caller's ids where they are well-formed, and answers with them. */
export const startTrace = (request: IncomingMessage, response: ServerResponse, newId: () => string): Trace => {
  const requestId = traceId(request, 'X-Request-Id') ?? newId()
  const correlationId = traceId(request, 'X-Correlation-Id') ?? requestId
  const trace: Trace = { requestId, correlationId, startedAt: seconds(), route: null, caller: null }
  traces.set(request, trace)
  response.setHeader('X-Request-Id', requestId)
  response.setHeader('X-Correlation-Id', correlationId)
  return trace
}

/** @throws Error for a request that has no trace: the middleware that starts it comes first. */
export const traceOf = (request: IncomingMessage): Trace => {
  const trace = traces.get(request)
  if (trace === undefined) throw new Error('this request was not traced')
  return trace
}
