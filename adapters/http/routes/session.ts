import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import * as t from 'io-ts'
import { accountOf, Role } from '../../../domain/actor.ts'
import { PersonId } from '../../../domain/ids.ts'
import { invalid } from '../../../domain/refusal.ts'
import { component } from '../../api/component.ts'
import { HealthResponse, Me } from '../../api/response-schemas.ts'
import type { Session } from '../../identity/sessions.ts'
import { openSession } from '../authentication.ts'
import { readJsonBody, type JsonBody } from '../body.ts'
import type { RoutePorts } from '../ports.ts'
import { appendProblems, type Refused } from '../problems.ts'
import { command, json, jsonReply, routeDefaults, type RequestContext, type Route } from '../route.ts'
import { isFromOurPages, noSessionCookie, sessionCookie } from '../session-cookie.ts'
import { meOf } from './people.ts'

/** Sessions of the web client (docs/adr/0035-openid-connect-sign-in-and-sessions.md). */

const common = { ...routeDefaults, tag: 'sessions', access: 'anyone' } as const

const choice: JsonBody<{ readonly person: PersonId }> = { codec: t.strict({ person: PersonId }), mayBeEmpty: false }
const foreignPage: Refused = { tag: 'Forbidden', reason: 'sessions are for the pages of this server' }
const notOffered = invalid('person', 'is none of those who may sign in here')

const SignInsResponse = component(
  'SignIns',
  t.strict({
    provider: t.boolean,
    people: t.array(t.strict({ id: t.string, name: t.string, role: Role, account: t.union([t.string, t.null]) })),
  }),
)

const SignedOutResponse = component(
  'SignedOut',
  t.strict({ status: t.literal('ok'), next: t.union([t.string, t.null]) }),
)

type AnyContext = RequestContext<unknown>

const requireOurPage = ({ request }: AnyContext): E.Either<Refused, unknown> =>
  isFromOurPages(request) ? E.right(request) : E.left(foreignPage)

/** The people whom the sign-in page offers; none without demo sign-in. */
export const signInChoices: Route = {
  ...common,
  path: '/v1/session',
  method: 'get',
  operationId: 'listSignIns',
  summary: 'How people sign in: at a provider, or in demo mode as one of these people',
  representations: [{ mediaType: json, codec: SignInsResponse }],
  handle: ({ provider, demoPeople }) => {
    const people = demoPeople.map((person) => ({
      id: person.id,
      name: person.name,
      role: person.role,
      account: accountOf(person),
    }))
    return TE.right(jsonReply<t.TypeOf<typeof SignInsResponse>>({ provider: provider !== null, people }))
  },
}

/** The session of the request; null where it has none that goes on. */
const presentSession = (ports: RoutePorts, { request }: AnyContext): TE.TaskEither<Refused, Session | null> =>
  pipe(
    openSession(ports, request),
    TE.orElseW((refused) => (refused.tag === 'Unauthenticated' ? TE.right(null) : TE.left(refused))),
  )

/** Records the end of the request's session. A session that is missing or expired leaves nothing to record. */
export const endSession = (ports: RoutePorts, context: AnyContext): TE.TaskEither<Refused, Session | null> =>
  pipe(
    presentSession(ports, context),
    TE.tap((session): TE.TaskEither<Refused, unknown> =>
      session === null
        ? TE.right(null)
        : ports.commands.signOut(
            { caller: session.principal, correlationId: context.correlationId },
            { session: session.id },
          ),
    ),
  )

/** Signs a browser in. The session before it ends; the token goes into a cookie that no script can read. */
export const signIn: Route = {
  ...common,
  path: '/v1/session',
  method: 'post',
  operationId: 'signIn',
  summary: 'Sign this browser in as one of the demo people',
  body: choice,
  representations: [{ mediaType: json, codec: Me }],
  problems: ['forbidden', 'rate-limited', ...appendProblems],
  handle: (ports, context) =>
    pipe(
      TE.fromEither(requireOurPage(context)),
      TE.flatMap(() => readJsonBody(context.request, choice)),
      TE.flatMapNullable(
        ({ person }) => ports.demoPeople.find(({ id }) => id === person),
        (): Refused => notOffered,
      ),
      TE.tap(() => endSession(ports, context)),
      TE.flatMapTask((person) => async () => {
        const token = await ports.sessions.begin(person, null)
        return jsonReply<Me>(meOf(person), { 'Set-Cookie': sessionCookie(ports.isSecure, token) })
      }),
    ),
}

/**
 * Signs a browser out, and ends its session on every server. The cookie is removed only after that is recorded: until then
 * the person is signed in, and can try again.
 */
export const signOut: Route = {
  ...common,
  path: '/auth/logout',
  method: 'post',
  operationId: 'signOut',
  summary: "End this browser's session; `next` is where it ends that of the provider",
  representations: [{ mediaType: json, codec: SignedOutResponse }],
  problems: ['forbidden', 'rate-limited', ...appendProblems],
  handle: (ports, context) =>
    pipe(
      TE.fromEither(requireOurPage(context)),
      TE.flatMap(() => endSession(ports, context)),
      TE.flatMapTask((session) => async () => {
        const next = session === null || ports.provider === null ? null : await ports.provider.logoutUrl()
        const headers = { 'Set-Cookie': noSessionCookie(ports.isSecure) }
        return jsonReply<t.TypeOf<typeof SignedOutResponse>>({ status: 'ok', next }, headers)
      }),
    ),
}

/** Ends every other session of the caller, wherever it is. */
export const endOtherSessions = command({
  path: '/v1/session/end-others',
  operationId: 'endOtherSessions',
  summary: "End the caller's other sessions",
  may: ['customer', 'support', 'auditor', 'analyst', 'service'],
  body: t.strict({}),
  mayBeEmpty: true,
  response: HealthResponse,
  responseHeaders: [],
  problems: appendProblems,
  handle: (ports, context) =>
    pipe(
      presentSession(ports, context),
      TE.flatMap((session) =>
        ports.commands.signOut(
          { caller: context.caller, correlationId: context.correlationId },
          {
            person: context.caller.id,
            before: new Date(ports.now()).toISOString(),
            ...(session === null ? {} : { except: session.id }),
          },
        ),
      ),
      TE.map(() => jsonReply<t.TypeOf<typeof HealthResponse>>({ status: 'ok' })),
    ),
})
