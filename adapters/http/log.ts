import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { pinoHttp, type HttpLogger } from 'pino-http'
import { secondsSince, traceOf } from './trace.ts'

const nothing = (): undefined => undefined

/** Ids, pattern, status and time only: no address, no query, no header, no name (who is curious finds them in the log of events). */
const line = (request: IncomingMessage, response: ServerResponse) => {
  const trace = traceOf(request)
  return {
    requestId: trace.requestId,
    correlationId: trace.correlationId,
    method: request.method,
    route: trace.route,
    status: response.statusCode,
    ms: Math.round(secondsSince(trace) * 1_000),
    caller: trace.caller,
  }
}

/** One line for each request, once it is answered or its caller is gone. */
export const requestLog = (logger: Logger): HttpLogger =>
  pinoHttp({
    logger,
    serializers: { req: nothing, res: nothing, err: nothing },
    customLogLevel: (_request, response) => (response.statusCode >= 500 ? 'error' : 'info'),
    customSuccessMessage: () => 'answered',
    customErrorMessage: () => 'failed',
    customSuccessObject: line,
    customErrorObject: line,
  })
