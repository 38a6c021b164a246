import { randomUUID } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import type { Principal } from '../../domain/actor.ts'
import type { Clock } from '../../domain/clock.ts'
import { claimsOf, principalOf } from './claims.ts'
import type { TokenRefused } from './identity.ts'
import type { Keyring } from './keyring.ts'
import { readToken, signToken, type TokenKind } from './own-tokens.ts'
import { cacheTokens } from './token-cache.ts'

/**
 * Sessions of the pages: a token of this server's own, which a browser keeps in a cookie that no script can read
 * (docs/adr/0035-openid-connect-sign-in-and-sessions.md). It is named by a random id, whatever its text is.
 */
export interface Session {
  readonly id: string
  readonly principal: Principal
  /** The provider's id of its own session (`sid`); null where it has none. */
  readonly providerSession: string | null
  /** Of the sign-in, in ms since 1970. */
  readonly beganAt: number
  /** When its present token ends without another request, in ms since 1970. */
  readonly expiresAt: number
}

/** A session's token, and for how many seconds it is valid. */
export interface SessionToken {
  readonly token: string
  readonly seconds: number
}

export interface Sessions {
  /** A new session of this person. */
  readonly begin: (principal: Principal, providerSession: string | null) => Promise<SessionToken>
  /** The session of a token that has not expired. Whether it was ended is the log's to say. */
  readonly read: (token: string) => Promise<E.Either<TokenRefused, Session>>
  /** A token that moves the idle end; null where the present one is young enough. */
  readonly renew: (session: Session) => Promise<SessionToken | null>
}

/** A session ends so long after its last request, and after its sign-in, in ms. */
const sessionEnds = { idle: 30 * 60_000, absolute: 8 * 3_600_000 }

/** So long a token is not replaced, in ms: not every request needs a new cookie. */
const renewAfter = 60_000

const kind: TokenKind = { typ: 'ledgerdesk-session+jwt', purpose: 'sessions' }

const OwnClaims = t.intersection([t.type({ jti: t.string, began: t.number }), t.partial({ sid: t.string })])

const badClaims = (): TokenRefused => ({ reason: 'claims' })

export const createSessions = (keys: Keyring, clock: Clock): Sessions => {
  const issue = async (session: Omit<Session, 'expiresAt'>): Promise<SessionToken> => {
    const { id, principal, providerSession, beganAt } = session
    const expiresAt = Math.min(clock.now() + sessionEnds.idle, beganAt + sessionEnds.absolute)
    const claims = {
      ...claimsOf(principal),
      sub: principal.id,
      jti: id,
      began: beganAt,
      ...(providerSession === null ? {} : { sid: providerSession }),
    }
    return {
      token: await signToken(keys, clock, kind, claims, expiresAt),
      seconds: Math.ceil((expiresAt - clock.now()) / 1_000),
    }
  }
  return {
    begin: (principal, providerSession) =>
      issue({ id: randomUUID(), principal, providerSession, beganAt: clock.now() }),
    read: cacheTokens(clock, async (token) =>
      pipe(
        await readToken(keys, clock, kind, token),
        E.flatMap(({ payload, expiresAt, hasKey }) =>
          pipe(
            E.Do,
            E.bind('principal', () => pipe(principalOf(payload), E.mapLeft(badClaims))),
            E.bind('own', () => pipe(OwnClaims.decode(payload), E.mapLeft(badClaims))),
            E.map(({ principal, own: { jti, began, sid } }) => ({
              value: { id: jti, principal, providerSession: sid ?? null, beganAt: began, expiresAt },
              until: expiresAt,
              hasKey,
            })),
          ),
        ),
      ),
    ),
    renew: async (session) => {
      const issuedBefore = session.expiresAt - sessionEnds.idle
      const isLast = session.expiresAt >= session.beganAt + sessionEnds.absolute - 1_000
      return isLast || clock.now() < issuedBefore + renewAfter ? null : issue(session)
    },
  }
}
