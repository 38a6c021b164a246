import type { IncomingMessage } from 'node:http'
import type { Request, Response } from 'express'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { accountOf, type Principal } from '../../domain/actor.ts'
import type { TicketId } from '../../domain/ids.ts'
import type { Authentication } from './authentication.ts'
import { longestWaitMs, type EarlyPorts, type ReadModelPort, type RoutePorts, type ServerState } from './ports.ts'
import type { Refused } from './problems.ts'
import { ledgerPosition, ticketParam } from './request-parameters.ts'
import { isQuery, notReadyYet, type RequestContext, type Route } from './route.ts'
import { traceOf } from './trace.ts'
import type { Handled } from './replies.ts'

const requireRole = ({ access }: Route, caller: Principal | null): E.Either<Refused, unknown> => {
  if (caller === null || access === 'anyone') return E.right(caller)
  return access.includes(caller.role)
    ? E.right(caller)
    : E.left({ tag: 'Forbidden', reason: `the role ${caller.role} may not do this` })
}

const chooseMediaType = <P>({ representations }: Route<P>, request: Request): E.Either<Refused, string> => {
  const offered = representations.map(({ mediaType }) => mediaType)
  const accepted = request.accepts([...offered])
  return accepted === false ? E.left({ tag: 'NotAcceptable', offered }) : E.right(accepted)
}

/** Waits until read models hold the position of the request's `Ledger-Position`, if it has one. */
const waitForPosition = (
  models: Pick<ReadModelPort<unknown>, 'waitFor'>,
  request: IncomingMessage,
  name: string,
): TE.TaskEither<Refused, unknown> =>
  pipe(
    TE.fromEither(ledgerPosition.read(request)),
    TE.flatMap((position) =>
      position === undefined
        ? TE.right(true)
        : pipe(
            TE.fromTask(() => models.waitFor(position, longestWaitMs)),
            TE.filterOrElse(
              (isReached) => isReached,
              (): Refused => ({ tag: 'NotReady', reason: `${name} have not reached position ${position}` }),
            ),
          ),
    ),
  )

/** What each set of read models is called in a refusal. */
const setNames = { readModels: 'the read models', reports: 'the reports' } as const

const isSame = (caller: Principal | null) => (again: Principal) =>
  caller !== null && again.id === caller.id && again.role === caller.role && accountOf(again) === accountOf(caller)

const paramOf = ({ params }: Request, name: string): string => {
  const param = params[name]
  return typeof param === 'string' ? param : ''
}

/** What a handler knows of its request, whoever sent it. */
const contextOf = (request: Request, mediaType: string): Omit<RequestContext, 'caller' | 'isStillSignedIn'> => {
  const cut = request.url.indexOf('?')
  return {
    request,
    params: Object.fromEntries(Object.keys(request.params).map((name) => [name, paramOf(request, name)])),
    param: (name) => paramOf(request, name),
    search: cut < 0 ? '' : request.url.slice(cut + 1),
    mediaType,
    correlationId: traceOf(request).correlationId,
  }
}

/** The refusal of a request that comes before the server has started. */
export const notStarted = ({ reason, progress }: ServerState): Refused =>
  notReadyYet(reason ?? 'the server is starting', progress)

/** Runs a request against its route before the server has started. Nobody can be authenticated yet. */
export const dispatchEarly = (ports: EarlyPorts, route: Route<EarlyPorts>, request: Request): Handled =>
  pipe(
    chooseMediaType(route, request),
    TE.fromEither,
    TE.flatMap((mediaType) =>
      route.handle(ports, {
        ...contextOf(request, mediaType),
        caller: null,
        isStillSignedIn: () => Promise.resolve(false),
      }),
    ),
  )

/** Checks role, media type and position, then runs the route's handler. */
const handle = (
  ports: RoutePorts,
  { authenticate }: Authentication,
  route: Route,
  request: Request,
  caller: Principal | null,
): Handled =>
  pipe(
    requireRole(route, caller),
    E.flatMap(() => chooseMediaType(route, request)),
    TE.fromEither,
    TE.tap(() =>
      isQuery(route) && !(route.fromLog && !ports[route.models].ready())
        ? waitForPosition(ports[route.models], request, setNames[route.models])
        : TE.right<Refused, unknown>(undefined),
    ),
    TE.flatMap((mediaType) => {
      const context = contextOf(request, mediaType)
      const isStillSignedIn = pipe(
        authenticate(request),
        TE.match(() => false, isSame(caller)),
      )
      const here: Handled = () => route.handle(ports, { ...context, caller, isStillSignedIn })()
      if (route.answer === null || ports.readers === undefined || caller === null) return here
      const { params, search } = context
      return ports.readers.answer({ operationId: route.operationId, caller, params, search, mediaType }, here)
    }),
  )

/** The refusal, or NotFound in its place where the caller may not know that the ticket exists. */
const hideTicket =
  ({ commands }: RoutePorts, ticket: E.Either<Refused, TicketId>, caller: Principal) =>
  (refused: Refused): TE.TaskEither<Refused, never> =>
    pipe(
      TE.fromEither(ticket),
      TE.flatMap((id) => commands.stream(caller, id)),
      TE.matchE(
        (cause) => TE.left(cause.tag === 'NotFound' ? cause : refused),
        () => TE.left(refused),
      ),
    )

/**
 * Runs a request against its route. Whatever else is wrong with it, a request for another account's ticket is answered
 * as if there were no such ticket (docs/api.md, Errors): after a refusal the ticket is looked up, which costs a read of
 * its stream only then.
 */
export const dispatch = (
  ports: RoutePorts,
  authentication: Authentication,
  route: Route,
  request: Request,
  response: Response,
): Handled =>
  pipe(
    authentication.admit(route, request, response),
    TE.flatMap((caller) => {
      const handled = handle(ports, authentication, route, request, caller)
      const maySeeAll = caller?.role !== 'customer' && caller?.role !== 'service'
      if (caller === null || maySeeAll || !route.aboutTicket) return handled
      return pipe(
        handled,
        TE.orElseW(hideTicket(ports, ticketParam({ param: (name) => paramOf(request, name) }), caller)),
      )
    }),
  )
