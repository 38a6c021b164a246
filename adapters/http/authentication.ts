import type { IncomingMessage } from 'node:http'
import type { Request, Response } from 'express'
import { ipKeyGenerator } from 'express-rate-limit'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Principal } from '../../domain/actor.ts'
import type { Helpdesk } from '../../projections/registry.ts'
import type { Identity, TokenRefused } from '../identity/identity.ts'
import type { Session, Sessions } from '../identity/sessions.ts'
import { recordFirstRequests } from './first-requests.ts'
import type { HttpPorts, ReadModelPort } from './ports.ts'
import type { Refused } from './problems.ts'
import { limitBy } from './rate-limit.ts'
import { requireQueries, type Route } from './route.ts'
import { isReading } from './send.ts'
import { isFromOurPages, isUnattended, sessionCookie, sessionToken } from './session-cookie.ts'
import { traceOf } from './trace.ts'

/**
 * Who sends a request: authenticated by a bearer token or a session, within the rate limits, and recorded at the first
 * request (docs/adr/0035-openid-connect-sign-in-and-sessions.md).
 */

/** The bearer token, or null without the header; an empty text where the header holds something else. */
const bearerToken = ({ headers: { authorization } }: IncomingMessage): string | null => {
  if (authorization === undefined) return null
  return /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization)?.[1] ?? ''
}

const noToken: Refused = { tag: 'Unauthenticated', token: 'missing' }
const foreignPage: Refused = { tag: 'Forbidden', reason: 'a session changes things only from the pages of this server' }
const noProvider: Refused = { tag: 'NotReady', reason: 'the identity provider cannot be reached to check the token' }

const refusalOf = ({ reason }: TokenRefused): Refused => {
  switch (reason) {
    case 'unreachable':
      return noProvider
    case 'expired':
      return { tag: 'Unauthenticated', token: 'expired' }
    case 'invalid':
    case 'claims':
      return { tag: 'Unauthenticated', token: 'invalid' }
  }
}

/** What sessions are recognised by. */
export interface SessionPorts {
  readonly sessions: Sessions
  readonly readModels: ReadModelPort<Helpdesk>
  /** Browsers reach this server by https. */
  readonly isSecure: boolean
}

/**
 * The session of a request's cookie. One that was ended is refused wherever a copy of its cookie is; without read models
 * that say which sessions have ended, none is accepted.
 */
export const openSession = (
  { sessions, readModels, isSecure }: SessionPorts,
  request: IncomingMessage,
): TE.TaskEither<Refused, Session> => {
  const token = sessionToken(request, isSecure)
  if (token === null) return TE.left(noToken)
  return pipe(
    TE.fromIOEither(() => requireQueries(readModels, 'sessions')),
    TE.bindTo('queries'),
    TE.bindW('session', () => pipe(() => sessions.read(token), TE.mapLeft(refusalOf))),
    TE.filterOrElse(
      ({ queries, session: { id, providerSession, principal, beganAt } }) =>
        !queries.sessions.isOver({ id, providerSession, person: principal.id, beganAt }),
      (): Refused => noToken,
    ),
    TE.map(({ session }) => session),
  )
}

interface Authenticated {
  readonly principal: Principal
  /** Null for a bearer token. */
  readonly session: Session | null
}

/**
 * Authenticates by the bearer token, else by the session, which may change things only from this server's own pages. The
 * task asks anew each time it is run, so that it can be run again for a stream.
 */
const authenticateBy =
  (identity: Identity, ports: SessionPorts) =>
  (request: IncomingMessage): TE.TaskEither<Refused, Authenticated> => {
    const bearer = bearerToken(request)
    if (bearer !== null) {
      return pipe(
        () => identity.authenticate(bearer),
        TE.bimap(refusalOf, (principal) => ({ principal, session: null })),
      )
    }
    return pipe(
      openSession(ports, request),
      TE.filterOrElse(
        () => isReading(request) || isFromOurPages(request),
        (): Refused => foreignPage,
      ),
      TE.map((session) => ({ principal: session.principal, session })),
    )
  }

/** Moves the idle end of a session whose person caused the request. */
const renew =
  ({ sessions, isSecure }: SessionPorts, request: IncomingMessage, response: Response) =>
  async ({ session }: Authenticated): Promise<void> => {
    if (session === null || isUnattended(request)) return
    const token = await sessions.renew(session)
    if (token !== null) response.appendHeader('Set-Cookie', sessionCookie(isSecure, token))
  }

export interface Authentication {
  readonly authenticate: (request: IncomingMessage) => TE.TaskEither<Refused, Principal>
  /** The caller, authenticated, counted and recorded; null where the access needs no caller. */
  readonly admit: (route: Route, request: Request, response: Response) => TE.TaskEither<Refused, Principal | null>
}

/** High enough for a person, low enough for a client in a loop. A token cannot be guessed: it is signed by 256 bits. */
const defaultLimits = { perCaller: 6_000, perAddress: 600 }

/** @param onFailure receives the reason why a first request could not be recorded. */
export const createAuthentication = (
  {
    identity,
    commands,
    rateLimits = defaultLimits,
    ...sessionPorts
  }: SessionPorts & Pick<HttpPorts, 'identity' | 'commands' | 'rateLimits'>,
  onFailure: (reason: string) => void,
): Authentication => {
  const authenticate = authenticateBy(identity, sessionPorts)
  const recordFirst = recordFirstRequests(commands, onFailure)
  /** By the token's subject, whatever address it comes from. */
  const callerLimit = limitBy('caller', rateLimits.perCaller, (request) => traceOf(request).caller ?? '')
  /** By client address, for failed attempts and for sign-ins. */
  const addressLimit = limitBy('address', rateLimits.perAddress, (request) => ipKeyGenerator(traceOf(request).address))
  return {
    authenticate: (request) =>
      pipe(
        authenticate(request),
        TE.map(({ principal }) => principal),
      ),
    admit: (route, request, response) => {
      if (route.access === 'anyone') {
        return route.problems.includes('rate-limited')
          ? pipe(
              addressLimit(request, response),
              TE.map(() => null),
            )
          : TE.right(null)
      }
      const trace = traceOf(request)
      return pipe(
        authenticate(request),
        TE.orElseW((refused) =>
          // What cannot be checked now is no failed attempt.
          refused.tag === 'NotReady'
            ? TE.left(refused)
            : pipe(
                addressLimit(request, response),
                TE.flatMap(() => TE.left(refused)),
              ),
        ),
        TE.tap(({ principal }) => {
          trace.caller = principal.id
          return callerLimit(request, response)
        }),
        TE.tapTask((authenticated) => () => renew(sessionPorts, request, response)(authenticated)),
        TE.map(({ principal }) => principal),
        TE.tapTask((caller) => () => recordFirst(caller, trace.correlationId)),
      )
    },
  }
}
