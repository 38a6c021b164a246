import { createServer } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express'
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import helmet from 'helmet'
import type { Logger } from 'pino'
import { createAnswerBudget } from './answer-budget.ts'
import { createAuthentication } from './authentication.ts'
import { applyForwarding, isForwarded } from './forwarding.ts'
import { isOurHost } from './host.ts'
import type { Refused } from './problems.ts'
import { dispatch, dispatchEarly, notStarted } from './dispatch.ts'
import { urlOf } from './listening-url.ts'
import { openApi } from './openapi.ts'
import type { EarlyPorts, HttpPorts, OpenApiDocument, ServerPorts } from './ports.ts'
import { ReadModelNotReady } from '../../projections/projection.ts'
import type { Route } from './route.ts'
import { earlyRoutes, routes } from './routes/table.ts'
import { isReading, sendProblem, sendReply } from './send.ts'
import { requestLog, secondsSince, startTrace, traceOf } from './trace.ts'
import type { Handled } from './replies.ts'

export interface HttpServer {
  /**
   * Opens the port; 0 picks a free one. Until `serve`, only the early routes are answered, others with 503 `not-ready`.
   * Resolves with the URL that it listens at; rejects where the port is taken.
   */
  readonly listen: (port: number, host: string) => Promise<string>
  /** Answers all requests from now on. */
  readonly serve: (ports: HttpPorts) => void
  /** Takes no more connections, lets the requests in flight finish for `graceMs`, then resolves. */
  readonly close: (graceMs: number) => Promise<void>
}

/**
 * Bounds what slow clients and many connections cost. A whole request may take as long as ten of the largest files need
 * on a slow connection; `guardSlowBody` requires that its bytes keep arriving.
 */
const timeouts = {
  headersTimeout: 10_000,
  requestTimeout: 20 * 60_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 2_000,
}
const connectionLimit = 10_000
/** A connection on which nothing moves for this long is closed, in ms: a client that does not read its response, above all. */
const idleMs = 60_000

const securityHeaders = (isSecure: boolean) =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
    },
    strictTransportSecurity: isSecure,
    xFrameOptions: { action: 'deny' },
  })

/** Express without its guesses: no query objects, no ETags of its own, one spelling per path. */
const strictExpress = (): Express => {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', false)
  app.enable('case sensitive routing')
  app.enable('strict routing')
  return app
}

const expressPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1')

const methodsOf = (table: readonly Route[]): string =>
  table.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()])).join(', ')

const hasMethod = (route: Route, method: string): boolean =>
  route.method.toUpperCase() === method || (route.method === 'get' && method === 'HEAD')

/** A browser outside the API: a person reads what it is answered. */
const wantsPage = (request: Request): boolean =>
  !request.path.startsWith('/v1/') &&
  request.accepts(['application/problem+json', 'application/json', 'text/html']) === 'text/html'

const foreignHost: Refused = {
  tag: 'Misdirected',
  reason: 'the Host header names neither the public URL of this server nor a loopback name',
}
const throughProxy: Refused = {
  tag: 'Misdirected',
  reason: 'demo sign-in is for this machine alone, and this request came through a proxy',
}

/** What probes ask by whatever address they know. */
const probes: ReadonlySet<string> = new Set(['/healthz', '/readyz'])

/** The refusal of a request that this server does not answer, whatever its path is; null where it may. */
const misdirected = (request: Request, { publicUrl, forwarding }: ServerPorts): Refused | null => {
  if (probes.has(request.path)) return null
  if (!isOurHost(request, publicUrl)) return foreignHost
  return forwarding.tag === 'refused' && isForwarded(request) ? throughProxy : null
}

/** Answers a request to a route. */
type Answer = (route: Route, request: Request, response: Response) => Handled

/** Answers the early routes, and no other. */
const answerEarly = (ports: EarlyPorts): Answer => {
  const early = new Map(earlyRoutes.map((route) => [route.operationId, route]))
  return ({ operationId }, request) => {
    const route = early.get(operationId)
    return route === undefined ? TE.left(notStarted(ports.state())) : dispatchEarly(ports, route, request)
  }
}

const answerAll = (early: EarlyPorts, isSecure: boolean, ports: HttpPorts, logger: Logger): Answer => {
  const routePorts = { ...early, ...ports, isSecure }
  const authentication = createAuthentication(routePorts, (reason) =>
    logger.warn({ reason }, 'the first request of a person could not be recorded'),
  )
  return (route, request, response) => dispatch(routePorts, authentication, route, request, response)
}

/** The Express application: tracing, logging and security headers, then every route of the table. */
const createApp = (ports: ServerPorts, isSecure: boolean, answer: Answer): Express => {
  const { metrics, logger, pages, newId } = ports
  const app = strictExpress()
  applyForwarding(app, ports.forwarding)
  const budget = createAnswerBudget()

  app.use((request, response, next) => {
    const trace = startTrace(request, response, newId)
    response.once('close', () => {
      const labels = { method: request.method, route: trace.route ?? 'none', status: response.statusCode }
      metrics.requests.observe(labels, secondsSince(trace))
    })
    next()
  })
  app.use(requestLog(logger))
  app.use(securityHeaders(isSecure))
  app.use((request, response, next) => {
    const refused = misdirected(request, ports)
    if (refused === null) next()
    else sendProblem(response, refused, wantsPage(request))
  })

  for (const [path, table] of Map.groupBy(routes, (route) => route.path)) {
    app.all(expressPath(path), async (request, response) => {
      traceOf(request).route = path
      const route = table.find((each) => hasMethod(each, request.method))
      if (route === undefined) {
        sendProblem(response, { tag: 'MethodNotAllowed', allow: methodsOf(table) })
        return
      }
      const handled = await answer(route, request, response)()
      if (E.isLeft(handled)) sendProblem(response, handled.left, wantsPage(request))
      else sendReply(response, route.status, handled.right, budget)
    })
  }

  app.use((request, response) => {
    if (pages.document !== null && isReading(request) && wantsPage(request))
      sendReply(response, 404, pages.document, budget)
    else sendProblem(response, { tag: 'NotFound' })
  })
  const onError: ErrorRequestHandler = (error: unknown, request, response, _next) => {
    // A path that is not UTF-8 in percent-encoding names nothing.
    if (error instanceof URIError) return sendProblem(response, { tag: 'NotFound' })
    if (error instanceof ReadModelNotReady) return sendProblem(response, { tag: 'NotReady', reason: error.message })
    logger.error({ err: error, requestId: traceOf(request).requestId }, 'a request failed')
    sendProblem(response, { tag: 'Internal' })
  }
  app.use(onError)
  return app
}

/** The HTTP server of the API and the pages. It decodes, calls and encodes, and decides nothing. */
export const createHttpServer = (ports: ServerPorts): HttpServer => {
  const isSecure = ports.publicUrl?.startsWith('https:') ?? false
  let closing = false
  let url = ports.publicUrl ?? ''
  let document: OpenApiDocument | undefined
  const early: EarlyPorts = {
    ...ports,
    // Requested after `listen` has set the URL.
    openApiDocument: () => (document ??= openApi(routes, url)),
  }
  let answer = answerEarly(early)
  const app = createApp(ports, isSecure, (...request) => answer(...request))
  const server = createServer(timeouts, app)
  server.maxConnections = connectionLimit
  server.timeout = ports.idleMs ?? idleMs
  server.prependListener('request', (_request, response) => {
    if (closing) response.setHeader('Connection', 'close')
    else response.once('finish', () => closing && setImmediate(() => server.closeIdleConnections()))
  })
  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => {
          server.off('error', reject)
          const listening = urlOf(server, host)
          url = ports.publicUrl ?? listening
          resolve(listening)
        })
      }),
    serve: (all) => {
      answer = answerAll(early, isSecure, all, ports.logger)
    },
    close: async (graceMs) => {
      if (closing) return
      closing = true
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      const patience = new AbortController()
      const late = wait(graceMs, undefined, { signal: patience.signal }).then(
        () => server.closeAllConnections(),
        () => undefined,
      )
      await closed
      patience.abort()
      await late
    },
  }
}
