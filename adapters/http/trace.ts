import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Request } from 'express'
import type { Logger } from 'pino'
import { pinoHttp, type HttpLogger } from 'pino-http'
import { clientAddress } from './forwarding.ts'

/** What is known of a request from its first byte on, for its log line, its metrics and its events. */
export interface Trace {
  readonly requestId: string
  readonly correlationId: string
  /** In seconds since an arbitrary start: for differences only. */
  readonly startedAt: number
  /** The matched route's path with its braces; null before one matched. */
  route: string | null
  /** The authenticated caller's id. */
  caller: string | null
  /** The address of the client; it is logged for refusals alone. */
  readonly address: string
}

const traces = new WeakMap<IncomingMessage, Trace>()

const seconds = (): number => performance.now() / 1_000

export const secondsSince = (trace: Trace): number => seconds() - trace.startedAt

/** An id that the client gave the request. One of another form is not repeated in headers and logs. */
const clientId = (request: IncomingMessage, name: string): string | undefined => {
  const [value, ...more] = request.headersDistinct[name.toLowerCase()] ?? []
  return value !== undefined && more.length === 0 && /^[\w.:-]{1,64}$/.test(value) ? value : undefined
}

/** Takes over the client's ids where they are well-formed, and sends both ids in the response. */
export const startTrace = (request: Request, response: ServerResponse, newId: () => string): Trace => {
  const requestId = clientId(request, 'X-Request-Id') ?? newId()
  const correlationId = clientId(request, 'X-Correlation-Id') ?? requestId
  const address = clientAddress(request)
  const trace: Trace = { requestId, correlationId, startedAt: seconds(), route: null, caller: null, address }
  traces.set(request, trace)
  response.setHeader('X-Request-Id', requestId)
  response.setHeader('X-Correlation-Id', correlationId)
  return trace
}

/** @throws Error for a request without a trace: the middleware that starts it comes first. */
export const traceOf = (request: IncomingMessage): Trace => {
  const trace = traces.get(request)
  if (trace === undefined) throw new Error('this request was not traced')
  return trace
}

const nothing = (): undefined => undefined

/** Who cannot sign in, may not do this, asks by a foreign name, or asks too often: whom an operator may have to lock out. */
const addressStatuses: ReadonlySet<number> = new Set([401, 403, 421, 429])

/** Ids, route, status and duration only: addresses, query parameters, headers and names are personal data. */
const logLine = (request: IncomingMessage, response: ServerResponse) => {
  const trace = traceOf(request)
  return {
    requestId: trace.requestId,
    correlationId: trace.correlationId,
    method: request.method,
    route: trace.route,
    status: response.statusCode,
    ms: Math.round(secondsSince(trace) * 1_000),
    caller: trace.caller,
    ...(addressStatuses.has(response.statusCode) ? { address: trace.address } : {}),
  }
}

/** Logs one line for each request, after its response was sent or its connection was lost. */
export const requestLog = (logger: Logger): HttpLogger =>
  pinoHttp({
    logger,
    serializers: { req: nothing, res: nothing, err: nothing },
    customLogLevel: (_request, response) => (response.statusCode >= 500 ? 'error' : 'info'),
    customSuccessMessage: () => 'answered',
    customErrorMessage: () => 'failed',
    customSuccessObject: logLine,
    customErrorObject: logLine,
  })
