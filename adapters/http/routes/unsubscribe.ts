import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { actorOf, type Actor } from '../../../domain/actor.ts'
import type { Kind } from '../../../domain/notification/kinds.ts'
import type { SeenPerson } from '../../../projections/people/people.ts'
import { notificationTitles } from '../../api/notification-titles.ts'
import type { Unsubscribing } from '../../mail/unsubscribe.ts'
import { htmlPage } from '../pages.ts'
import type { RoutePorts } from '../ports.ts'
import { appendProblems, type Refused } from '../problems.ts'
import { requireQueries, routeDefaults, type Route } from '../route.ts'
import type { Reply } from '../replies.ts'

/** The pages that a mail's unsubscribe link leads to. They need no script and no style: mail programs show them too. */

const pageOf = (title: string, kinds: readonly Kind[], more: string): Reply => ({
  mediaType: 'text/html; charset=utf-8',
  content: htmlPage(
    title,
    '<meta name="color-scheme" content="light dark">',
    `<main><h1>${title}</h1><ul>${kinds.map((kind) => `<li>${notificationTitles[kind]}</li>`).join('')}</ul>${more}</main>`,
  ),
  headers: {
    'Content-Security-Policy': "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  },
})

/** The person as one who may issue commands; null where the log saw them in another role. */
const actorAsSeen = ({ role, account, ...person }: SeenPerson): Actor | null =>
  role === 'customer' || role === 'support'
    ? E.getOrElseW(() => null)(actorOf({ ...person, role, account: account ?? undefined }))
    : null

const notFound: Refused = { tag: 'NotFound' }

/** The person whom the token names, under the name last seen, and the kinds of mails that it ends. */
const recipientOf = (
  { readUnsubscribe, readModels }: RoutePorts,
  token: string,
): E.Either<Refused, Unsubscribing & { readonly caller: Actor }> =>
  pipe(
    E.Do,
    E.bindW('read', () => E.fromNullable(notFound)(readUnsubscribe(token))),
    E.bindW('queries', () => requireQueries(readModels, 'people')),
    E.bindW('seen', ({ read, queries }) =>
      E.fromNullable(notFound)(queries.people.byIds([read.person]).get(read.person)),
    ),
    E.bindW('caller', ({ seen }) => E.fromNullable(notFound)(actorAsSeen(seen))),
    E.map(({ read, caller }) => ({ ...read, caller })),
  )

const common = {
  ...routeDefaults,
  path: '/unsubscribe/{token}',
  tag: 'pages',
  access: 'anyone',
  representations: [{ mediaType: 'text/html', codec: null }],
  unlisted: true,
} as const

/** Asks for confirmation and changes nothing: some programs follow every link of a mail. */
const unsubscribePage: Route = {
  ...common,
  method: 'get',
  operationId: 'unsubscribePage',
  summary: 'Asks whether these mails shall end',
  problems: ['not-found', 'not-ready'],
  handle: (ports, { param }) =>
    pipe(
      TE.fromEither(recipientOf(ports, param('token'))),
      TE.map(({ kinds }) =>
        pageOf('No more mails of this kind?', kinds, '<form method="post"><button>Stop these mails</button></form>'),
      ),
    ),
}

/**
 * Ends these mails for the person whom the token names, without sign-in: sent by the page above, or by a mail program on
 * one click (RFC 8058). The token alone decides; the body is not read.
 */
const unsubscribe: Route = {
  ...common,
  method: 'post',
  operationId: 'unsubscribe',
  summary: 'Ends these mails',
  problems: ['not-found', ...appendProblems],
  handle: (ports, { param, correlationId }) =>
    pipe(
      TE.fromEither(recipientOf(ports, param('token'))),
      TE.tap(({ caller, kinds }) => ports.commands.unsubscribe({ caller, correlationId }, kinds)),
      TE.map(({ kinds }) =>
        pageOf('You get no more mails of this kind', kinds, '<p><a href="/preferences">Preferences</a></p>'),
      ),
    ),
}

export const unsubscribeRoutes: readonly Route[] = [unsubscribePage, unsubscribe]
