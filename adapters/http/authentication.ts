import type { IncomingMessage } from 'node:http'
import type { Request, Response } from 'express'
import { ipKeyGenerator, rateLimit } from 'express-rate-limit'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Principal } from '../../domain/actor.ts'
import type { Commands } from '../../domain/commands.ts'
import type { Helpdesk } from '../../projections/registry.ts'
import { sha256 } from '../crypto.ts'
import type { Identity } from '../identity/identity.ts'
import type { RateLimits, ReadModelPort } from './ports.ts'
import type { Refused } from './problems.ts'
import { requireQueries, type Access } from './route.ts'
import { isReading } from './send.ts'
import { isFromOurPages, sessionToken } from './session-cookie.ts'
import { traceOf } from './trace.ts'

/**
 * Who sends a request: authenticated by a bearer token or a session, within the rate limits, and recorded at the first
 * request (docs/adr/0028-sessions-and-demo-sign-in.md).
 */

/** The id under which the log knows the session of a token. The token cannot be derived from it. */
export const sessionOf = (token: string): string => sha256(token)

/** The bearer token, or null without the header; an empty text where the header holds something else. */
const bearerToken = ({ headers: { authorization } }: IncomingMessage): string | null => {
  if (authorization === undefined) return null
  return /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization)?.[1] ?? ''
}

const noToken: Refused = { tag: 'Unauthenticated', token: 'missing' }
const foreignPage: Refused = { tag: 'Forbidden', reason: 'a session changes things only from the pages of this server' }

const verify = (identity: Identity, token: string): TE.TaskEither<Refused, Principal> =>
  pipe(
    () => identity.authenticate(token),
    TE.mapLeft(({ reason }) => ({ tag: 'Unauthenticated', token: reason === 'expired' ? 'expired' : 'invalid' })),
  )

/**
 * Authenticates by the bearer token, else by the session, which may change things only from this server's own pages.
 * A token whose session was ended is refused wherever a copy of it is. Without read models that say which sessions have
 * ended, no session is accepted, and of a bearer token the person's own stream says so. The task asks anew each time it is run, so that it can be run again for a stream.
 */
const authenticateBy =
  (identity: Identity, readModels: ReadModelPort<Helpdesk>, commands: Commands) =>
  (request: IncomingMessage): TE.TaskEither<Refused, Principal> => {
    const bearer = bearerToken(request)
    const token = bearer ?? sessionToken(request)
    if (token === null) return TE.left(noToken)
    const known = requireQueries(readModels, 'sessions')
    if (bearer !== null && E.isLeft(known)) {
      return pipe(
        verify(identity, token),
        TE.tap(({ id }) =>
          pipe(
            commands.hasSignedOut(id, sessionOf(token)),
            TE.filterOrElseW(
              (isOver) => !isOver,
              () => noToken,
            ),
          ),
        ),
      )
    }
    const requireOpen = (): E.Either<Refused, unknown> =>
      pipe(
        known,
        E.filterOrElse(
          ({ sessions }) => !sessions.isOver(sessionOf(token)),
          (): Refused => noToken,
        ),
        E.filterOrElse(
          () => bearer !== null || isReading(request) || isFromOurPages(request),
          (): Refused => foreignPage,
        ),
      )
    return pipe(
      TE.fromIOEither(requireOpen),
      TE.flatMap(() => verify(identity, token)),
    )
  }

/** Whether a request comes from this machine itself, and not through a proxy. */
export const isLocal = ({ headers, socket }: IncomingMessage): boolean =>
  /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/.test(socket.remoteAddress ?? '') &&
  ['forwarded', 'x-forwarded-for', 'via'].every((name) => headers[name] === undefined)

type Limit = (request: Request, response: Response) => TE.TaskEither<Refused, void>

const windowMs = 60_000

type RateLimited = Extract<Refused, { readonly tag: 'RateLimited' }>

const isRateLimited = (value: unknown): value is RateLimited =>
  typeof value === 'object' && value !== null && 'tag' in value && value.tag === 'RateLimited'

/** Counts requests by the key, with the headers of the RateLimit draft 8, and refuses those over the limit. */
const limitBy = (identifier: string, perMinute: number, keyOf: (request: IncomingMessage) => string): Limit => {
  const limiter = rateLimit({
    identifier,
    windowMs,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    validate: false,
    keyGenerator: keyOf,
    handler: (_request, response, next) => {
      const seconds = Number(response.getHeader('Retry-After'))
      next({ tag: 'RateLimited', retryAfterSeconds: seconds > 0 ? seconds : windowMs / 1_000 })
    },
  })
  return (request, response) => () =>
    new Promise((resolve, reject) => {
      void limiter(request, response, (refused?: unknown) => {
        if (refused === undefined) resolve(E.right(undefined))
        else if (isRateLimited(refused)) resolve(E.left(refused))
        else reject(refused instanceof Error ? refused : new Error('the rate limit failed'))
      })
    })
}

/** The most people whose sign-in is remembered; beyond it all are forgotten and recorded sign-ins are looked up again. */
const rememberedPeople = 100_000

/**
 * Records each person's first request in this process, under each name that they have. A failure is logged and does not
 * refuse the request; the next request tries again.
 */
const recordFirstRequests = (commands: Commands, onFailure: (reason: string) => void) => {
  const recorded = new Map<string, Promise<void>>()
  return async (caller: Principal, correlationId: string): Promise<void> => {
    if (caller.role !== 'customer' && caller.role !== 'support') return
    const key = JSON.stringify([caller.id, caller.name, caller.email])
    const forget = (reason: string): void => {
      recorded.delete(key)
      onFailure(reason)
    }
    const record = async (): Promise<void> =>
      pipe(
        commands.signIn({ caller, correlationId }),
        TE.match(
          ({ tag }) => forget(tag),
          () => undefined,
        ),
      )().catch((error: unknown) => forget(String(error)))
    let known = recorded.get(key)
    if (known === undefined) {
      if (recorded.size >= rememberedPeople) recorded.clear()
      known = record()
      recorded.set(key, known)
    }
    await known
  }
}

export interface Authentication {
  readonly authenticate: (request: IncomingMessage) => TE.TaskEither<Refused, Principal>
  /** The caller, authenticated, counted and recorded; null where the access needs no caller. */
  readonly admit: (access: Access, request: Request, response: Response) => TE.TaskEither<Refused, Principal | null>
}

/** @param onFailure receives the reason why a first request could not be recorded. */
export const createAuthentication = (
  identity: Identity,
  readModels: ReadModelPort<Helpdesk>,
  commands: Commands,
  { perCaller, failuresPerAddress }: RateLimits,
  onFailure: (reason: string) => void,
): Authentication => {
  const authenticate = authenticateBy(identity, readModels, commands)
  const recordFirst = recordFirstRequests(commands, onFailure)
  /** By the token's subject, whatever address it comes from. */
  const callerLimit = limitBy('caller', perCaller, (request) => traceOf(request).caller ?? '')
  /** By address, for failed attempts only. No forwarding header is trusted. */
  const failureLimit = limitBy('failures', failuresPerAddress, ({ socket }) =>
    ipKeyGenerator(socket.remoteAddress ?? ''),
  )
  return {
    authenticate,
    admit: (access, request, response) => {
      if (access === 'anyone' || (access === 'operator' && isLocal(request))) return TE.right(null)
      const trace = traceOf(request)
      return pipe(
        authenticate(request),
        TE.orElseW((refused) =>
          pipe(
            failureLimit(request, response),
            TE.flatMap(() => TE.left(refused)),
          ),
        ),
        TE.tap((caller) => {
          trace.caller = caller.id
          return callerLimit(request, response)
        }),
        TE.tapTask((caller) => () => recordFirst(caller, trace.correlationId)),
      )
    },
  }
}
