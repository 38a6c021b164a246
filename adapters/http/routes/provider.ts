import { pipe } from 'fp-ts/lib/function.js'
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import * as t from 'io-ts'
import type { Via } from '../../../domain/actor.ts'
import { personId } from '../../../domain/ids.ts'
import { invalid } from '../../../domain/refusal.ts'
import type { EndedSessions } from '../../../domain/user/events.ts'
import { HealthResponse } from '../../api/response-schemas.ts'
import type { ProviderLogout } from '../../identity/oidc/logout-token.ts'
import type { Provider } from '../../identity/oidc/provider.ts'
import type { RoleRefusal, SignInRefused } from '../../identity/oidc/sign-in.ts'
import { readForm } from '../body.ts'
import type { RoutePorts } from '../ports.ts'
import { appendProblems, type Refused } from '../problems.ts'
import { readQuery, type QueryCodec } from '../request-parameters.ts'
import { json, jsonReply, routeDefaults, type Route } from '../route.ts'
import { noTransactionCookie, sessionCookie, transactionCookie, transactionToken } from '../session-cookie.ts'
import { endSession } from './session.ts'

/** Sign-in at the provider (docs/adr/0035-openid-connect-sign-in-and-sessions.md). Without one there are no such addresses. */

const common = {
  ...routeDefaults,
  tag: 'sessions',
  access: 'anyone',
  unlisted: true,
} as const

const requireProvider = ({ provider }: RoutePorts): E.Either<Refused, Provider> =>
  E.fromNullable<Refused>({ tag: 'NotFound' })(provider)

const noRoleText = (reason: RoleRefusal): string => {
  switch (reason) {
    case 'no-rule':
      return 'no rule of this helpdesk gives you a role'
    case 'contradiction':
      return 'the rules of this helpdesk contradict each other about you'
    case 'unverified-mail':
      return 'your mail address is not verified there'
    case 'service':
      return 'this is the account of a service, which does not sign in by a browser'
    default:
      return `it says nothing usable of you (${reason})`
  }
}

const refusalOf = (refused: SignInRefused): Refused => {
  switch (refused.tag) {
    case 'Away':
      return { tag: 'ProviderAway' }
    case 'Failed':
      return { tag: 'SignInFailed' }
    case 'Declined':
      return { tag: 'SignInDeclined' }
    case 'NoRole':
      return { tag: 'NoRole', reason: noRoleText(refused.reason), contact: refused.contact }
  }
}

const here = 'http://here.invalid'
const longestReturn = 2_000

/** A path of this server's pages to return to; `/` in place of anything else, so that no link leads elsewhere. */
export const returnPath = (text: string): string => {
  const url = text.length <= longestReturn && text.startsWith('/') ? URL.parse(text, here) : null
  if (url === null || url.origin !== here) return '/'
  return /^\/(\/|auth(\/|$)|v1(\/|$))/.test(url.pathname) ? '/' : url.pathname + url.search
}

const loginQuery: QueryCodec<{ return: t.StringC }> = t.partial({ return: t.string })

export const login: Route = {
  ...common,
  path: '/auth/login',
  method: 'get',
  operationId: 'login',
  summary: 'Leads to the provider, and back to the page that `return` names',
  query: loginQuery.props,
  status: 303,
  representations: [{ mediaType: 'text/html', codec: null }],
  problems: ['not-found', 'rate-limited', 'provider-away', 'sign-in-failed'],
  handle: (ports, { search }) =>
    pipe(
      TE.fromEither(requireProvider(ports)),
      TE.bindTo('provider'),
      TE.bind('query', () => TE.fromEither(readQuery(loginQuery, search))),
      TE.flatMap(
        ({ provider, query }) =>
          () =>
            provider.begin(returnPath(query.return ?? '/')).then(refusing(ports)),
      ),
      TE.map(({ url, transaction }) => ({
        redirect: url,
        cookies: [transactionCookie(ports.isSecure, transaction)],
      })),
    ),
}

/** Reports the reason of a refusal, which the browser is not told. */
const refusing =
  ({ onSignInRefused }: RoutePorts) =>
  <A>(outcome: E.Either<SignInRefused, A>): E.Either<Refused, A> =>
    pipe(
      outcome,
      E.mapLeft((refused) => {
        onSignInRefused(refused)
        return refusalOf(refused)
      }),
    )

export const callback: Route = {
  ...common,
  path: '/auth/callback',
  method: 'get',
  operationId: 'signInCallback',
  summary: 'Where the provider sends the browser back',
  status: 303,
  representations: [{ mediaType: 'text/html', codec: null }],
  problems: ['not-found', 'rate-limited', 'provider-away', 'sign-in-failed', 'sign-in-refused', ...appendProblems],
  handle: (ports, context) =>
    pipe(
      TE.fromEither(requireProvider(ports)),
      TE.flatMap(
        (provider) => () =>
          provider.finish(transactionToken(context.request, ports.isSecure), context.search).then(refusing(ports)),
      ),
      // The session before this one ends: each sign-in begins a new one.
      TE.tap(() => endSession(ports, context)),
      TE.flatMapTask(({ principal, providerSession, returnTo }) => async () => ({
        redirect: returnTo,
        cookies: [
          noTransactionCookie(ports.isSecure),
          sessionCookie(ports.isSecure, await ports.sessions.begin(principal, providerSession)),
        ],
      })),
    ),
}

/** Who ends sessions by back-channel logout, as the log names it. */
const identityProvider: Via = { id: personId('@provider'), name: 'Identity provider', email: '', role: 'service' }

const endedBy = (logout: ProviderLogout, now: number): EndedSessions =>
  'providerSession' in logout ? logout : { person: logout.person, before: new Date(now).toISOString() }

const noLogoutToken = invalid('logout_token', 'must be one logout token of the provider, for this client')
const unreachable: Refused = { tag: 'ProviderAway' }

/** Ends the sessions that a logout token of the provider names (OpenID Connect Back-Channel Logout 1.0). */
export const backchannelLogout: Route = {
  ...common,
  path: '/auth/backchannel-logout',
  method: 'post',
  operationId: 'backchannelLogout',
  summary: 'Ends the sessions that the provider names',
  representations: [{ mediaType: json, codec: HealthResponse }],
  problems: ['not-found', 'unsupported-media-type', 'provider-away', ...appendProblems],
  handle: (ports, { request, correlationId }) =>
    pipe(
      TE.fromEither(requireProvider(ports)),
      TE.bindTo('provider'),
      TE.bind('form', () => readForm(request)),
      TE.flatMap(({ provider, form }) =>
        pipe(
          () =>
            provider.readLogoutToken(form.getAll('logout_token').length === 1 ? (form.get('logout_token') ?? '') : ''),
          TE.mapLeft(() => unreachable),
        ),
      ),
      TE.flatMap(TE.fromNullable<Refused>(noLogoutToken)),
      TE.tap((logout) =>
        ports.commands.signOut({ caller: identityProvider, correlationId }, endedBy(logout, ports.now())),
      ),
      TE.map(() => jsonReply({ status: 'ok' })),
    ),
}
