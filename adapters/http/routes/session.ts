import { left, right } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { decode } from '../../../domain/codec.ts'
import { invalid } from '../../../domain/refusal.ts'
import { named, type Me } from '../response-schemas.ts'
import { readJsonBody } from '../body.ts'
import { accountOf } from '../persons.ts'
import { forAnyone, json, jsonReply, type Route } from '../route.ts'
import { sessionOf } from '../../identity/sessions.ts'
import { isFromOurPages, noSessionCookie, sessionCookie, sessionToken } from '../session-cookie.ts'

const common = {
  ...forAnyone,
  path: '/v1/session',
  tag: 'sessions',
  unlisted: false,
} as const

const Choice = t.strict({ person: t.string })
const foreign = left({ tag: 'Forbidden', reason: 'sessions are for the pages of this server' } as const)

/** Whom the sign-in page offers; nobody but in demo mode. */
export const signInChoices: Route = {
  ...common,
  method: 'get',
  operationId: 'listSignIns',
  summary: 'Whom the sign-in page offers (demo sign-in)',
  forms: [{ mediaType: json, codec: named.SignIns }],
  problems: [],
  answer: async ({ sessions }) =>
    right(
      jsonReply({
        people: sessions.people.map((person) => ({
          id: person.id,
          name: person.name,
          role: person.role,
          account: accountOf(person),
        })),
      }),
    ),
}

/** Signs a browser in: the token goes into a cookie that no script can read. */
export const signIn: Route = {
  ...common,
  method: 'post',
  operationId: 'signIn',
  summary: 'Sign this browser in as one of the demo people',
  body: { codec: Choice, mayBeEmpty: false },
  forms: [{ mediaType: json, codec: named.Me }],
  problems: ['forbidden'],
  answer: async ({ sessions, isSecure }, { request }) => {
    if (!isFromOurPages(request)) return foreign
    const read = await readJsonBody(request, { mayBeEmpty: false })
    if (read._tag === 'Left') return read
    const choice = decode(Choice)(read.right)
    if (choice._tag === 'Left') return left({ tag: 'Invalid', errors: choice.left })
    const begun = await sessions.begin(choice.right.person)
    if (begun === null) return left(invalid('person', 'is none of those who may sign in here'))
    const { id, name, email, role } = begun.person
    const me: Me = { id, name, email, role, account: accountOf(begun.person) }
    return right(jsonReply(me, { 'Set-Cookie': sessionCookie(isSecure, begun.token) }))
  },
}

/**
 * Signs a browser out, and ends its token on every server. Without a session, or with one that ended by itself, there is
 * nothing to record. The cookie goes only when that is done: until then the person is signed in, and can try again.
 */
export const signOut: Route = {
  ...common,
  method: 'delete',
  operationId: 'signOut',
  summary: "End this browser's session",
  forms: [{ mediaType: json, codec: named.Health }],
  problems: ['forbidden', 'damaged-stream', 'not-ready', 'storage-full', 'outcome-unknown'],
  answer: async ({ commands, sessions, isSecure }, { request, correlationId }) => {
    if (!isFromOurPages(request)) return foreign
    const token = sessionToken(request)
    const caller = token === null ? null : await sessions.whose(token)
    if (token !== null && caller !== null) {
      const ended = await commands.signOut({ caller, correlationId }, sessionOf(token))()
      if (ended._tag === 'Left') return ended
    }
    return right(jsonReply({ status: 'ok' }, { 'Set-Cookie': noSessionCookie(isSecure) }))
  },
}
