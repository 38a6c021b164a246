import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express'
import helmet from 'helmet'
import { ReadModelNotReady } from '../../projections/projection.ts'
import { dispatch, type Gate } from './dispatch.ts'
import { createLimits } from './limits.ts'
import { requestLog } from './log.ts'
import { openApi } from './openapi.ts'
import type { HttpPorts, OpenApiDocument, RoutePorts } from './ports.ts'
import type { Refused } from './problems.ts'
import type { Route } from './route.ts'
import { routes } from './routes/table.ts'
import { sendFile } from './send-file.ts'
import { sendProblem, sendReply } from './send.ts'
import { authenticate, firstSignIn } from './sign-in.ts'
import { secondsSince, startTrace, traceOf } from './trace.ts'

/** Generous: a person cannot reach them, a loop that went wild can. Whoever guesses tokens guesses 256 bits. */
const defaultLimits = { perCaller: 6_000, failuresPerAddress: 600 }

const expressPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1')

const securityHeaders = (publicUrl: string | undefined) =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
    },
    strictTransportSecurity: publicUrl?.startsWith('https:') ?? false,
    xFrameOptions: { action: 'deny' },
  })

/** Nothing of Express that guesses: no forwarded addresses, no query objects, no ETags of its own, no second spelling. */
const strictExpress = (): Express => {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', false)
  app.set('trust proxy', false)
  app.enable('case sensitive routing')
  app.enable('strict routing')
  return app
}

const methodsOf = (table: readonly Route[]): string =>
  table.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()])).join(', ')

const takes = (route: Route, method: string): boolean =>
  route.method.toUpperCase() === method || (route.method === 'get' && method === 'HEAD')

const isMalformedUrl = (error: unknown): boolean => error instanceof URIError

/** Somebody at a browser: the page itself says that there is nothing here. */
const wantsPage = (request: Request): boolean =>
  (request.method === 'GET' || request.method === 'HEAD') &&
  !request.path.startsWith('/v1/') &&
  request.accepts(['application/problem+json', 'application/json', 'text/html']) === 'text/html'

/** The server's state that its routes may ask for. */
interface Lifetime {
  readonly open: () => boolean
  readonly url: () => string
}

export const createApp = (ports: HttpPorts, { open, url }: Lifetime): Express => {
  const app = strictExpress()
  const { commands, views, files, live, prove, readUnsubscribe, sessions, pages, categories, metrics, logger } = ports
  const isSecure = ports.publicUrl?.startsWith('https:') ?? false
  let told: { readonly url: string; readonly document: OpenApiDocument } | null = null
  const document = (): OpenApiDocument => {
    if (told?.url !== url()) told = { url: url(), document: openApi(routes, url()) }
    return told.document
  }
  const routePorts: RoutePorts = {
    commands,
    views,
    files,
    live,
    prove,
    readUnsubscribe,
    sessions,
    pages,
    isSecure,
    categories,
    metrics,
    open,
    document,
  }
  const gate: Gate = {
    ports: routePorts,
    authenticate: authenticate(ports.identity, views),
    signIn: firstSignIn(commands, (reason) => logger.warn({ reason }, 'a first sign-in was not recorded')),
    ...createLimits(ports.rateLimits ?? defaultLimits),
  }
  const refuse = (request: Request, response: Response, refused: Refused): void =>
    sendProblem(request, response, request.originalUrl, refused)

  app.use((request, response, next) => {
    const trace = startTrace(request, response, ports.newId)
    response.once('close', () => {
      metrics.request(request.method, trace.route ?? 'none', response.statusCode, secondsSince(trace))
    })
    next()
  })
  app.use(requestLog(logger))
  app.use(securityHeaders(ports.publicUrl))

  for (const [path, table] of Map.groupBy(routes, (route) => route.path)) {
    app.all(expressPath(path), async (request, response) => {
      traceOf(request).route = path
      const route = table.find((each) => takes(each, request.method))
      if (route === undefined) {
        refuse(request, response, { tag: 'MethodNotAllowed', allow: methodsOf(table) })
        return
      }
      const answer = await dispatch(gate, route, request, response)
      if (answer._tag === 'Left') refuse(request, response, answer.left)
      else if ('path' in answer.right)
        sendFile(request, response, answer.right, (refused) => refuse(request, response, refused))
      else sendReply(response, route.status, answer.right)
    })
  }

  app.use((request, response) => {
    if (pages.document !== null && wantsPage(request)) sendReply(response, 404, pages.document)
    else refuse(request, response, { tag: 'NotFound' })
  })
  const failed: ErrorRequestHandler = (error: unknown, request, response, _next) => {
    if (isMalformedUrl(error)) return refuse(request, response, { tag: 'NotFound' })
    if (error instanceof ReadModelNotReady) return refuse(request, response, { tag: 'NotReady', reason: error.message })
    logger.error({ err: error, requestId: traceOf(request).requestId }, 'a request broke')
    refuse(request, response, { tag: 'Internal' })
  }
  app.use(failed)
  return app
}
