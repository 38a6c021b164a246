import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import * as t from 'io-ts'
import { accountOf, Role } from '../../../domain/actor.ts'
import { PersonId } from '../../../domain/ids.ts'
import { invalid } from '../../../domain/refusal.ts'
import { component } from '../../api/component.ts'
import { HealthResponse, Me } from '../../api/response-schemas.ts'
import { sessionOf } from '../authentication.ts'
import { readJsonBody, type JsonBody } from '../body.ts'
import type { RoutePorts } from '../ports.ts'
import type { Refused } from '../problems.ts'
import { json, jsonReply, routeDefaults, type RequestContext, type Route } from '../route.ts'
import { isFromOurPages, noSessionCookie, sessionCookie, sessionToken } from '../session-cookie.ts'
import { meOf } from './people.ts'

/** Sessions of the web client (docs/adr/0028-sessions-and-demo-sign-in.md). */

const common = { ...routeDefaults, path: '/v1/session', tag: 'sessions', access: 'anyone' } as const

const choice: JsonBody<{ readonly person: PersonId }> = { codec: t.strict({ person: PersonId }), mayBeEmpty: false }
const foreignPage: Refused = { tag: 'Forbidden', reason: 'sessions are for the pages of this server' }
const notOffered = invalid('person', 'is none of those who may sign in here')

const SignInsResponse = component(
  'SignIns',
  t.strict({
    people: t.array(t.strict({ id: t.string, name: t.string, role: Role, account: t.union([t.string, t.null]) })),
  }),
)

type AnyContext = RequestContext<unknown>

const requireOurPage = ({ request }: AnyContext): E.Either<Refused, unknown> =>
  isFromOurPages(request) ? E.right(request) : E.left(foreignPage)

/** The people whom the sign-in page offers; none without demo sign-in. */
export const signInChoices: Route = {
  ...common,
  method: 'get',
  operationId: 'listSignIns',
  summary: 'The people whom the sign-in page offers (demo sign-in)',
  representations: [{ mediaType: json, codec: SignInsResponse }],
  handle: ({ sessions }) => {
    const people = sessions.people.map((person) => ({
      id: person.id,
      name: person.name,
      role: person.role,
      account: accountOf(person),
    }))
    return TE.right(jsonReply<t.TypeOf<typeof SignInsResponse>>({ people }))
  },
}

/** Signs a browser in. The token goes into a cookie that no script can read. */
export const signIn: Route = {
  ...common,
  method: 'post',
  operationId: 'signIn',
  summary: 'Sign this browser in as one of the demo people',
  body: choice,
  representations: [{ mediaType: json, codec: Me }],
  problems: ['forbidden', 'rate-limited'],
  handle: ({ sessions, isSecure }, context) =>
    pipe(
      TE.fromEither(requireOurPage(context)),
      TE.flatMap(() => readJsonBody(context.request, choice)),
      TE.flatMapTask(
        ({ person }) =>
          () =>
            sessions.begin(person),
      ),
      TE.flatMap(TE.fromNullable<Refused>(notOffered)),
      TE.map(({ person, token }) => jsonReply<Me>(meOf(person), { 'Set-Cookie': sessionCookie(isSecure, token) })),
    ),
}

/** Records the end of the request's session. A session that is missing or expired leaves nothing to record. */
const endSession = (
  { commands, sessions }: RoutePorts,
  { request, correlationId }: AnyContext,
): TE.TaskEither<Refused, unknown> => {
  const token = sessionToken(request)
  if (token === null) return TE.right(null)
  return pipe(
    TE.fromTask(() => sessions.whose(token)),
    TE.flatMap((caller) =>
      caller === null ? TE.right(null) : commands.signOut({ caller, correlationId }, sessionOf(token)),
    ),
  )
}

/**
 * Signs a browser out, and ends its token on every server. The cookie is removed only after that is recorded: until then
 * the person is signed in, and can try again.
 */
export const signOut: Route = {
  ...common,
  method: 'delete',
  operationId: 'signOut',
  summary: "End this browser's session",
  representations: [{ mediaType: json, codec: HealthResponse }],
  problems: ['forbidden', 'damaged-stream', 'not-ready', 'storage-full', 'outcome-unknown'],
  handle: (ports, context) =>
    pipe(
      TE.fromEither(requireOurPage(context)),
      TE.flatMap(() => endSession(ports, context)),
      TE.map(() => jsonReply({ status: 'ok' }, { 'Set-Cookie': noSessionCookie(ports.isSecure) })),
    ),
}
