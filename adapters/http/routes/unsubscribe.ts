import { left, right, type Either } from 'fp-ts/lib/Either.js'
import type { Actor } from '../../../domain/actor.ts'
import type { Kind } from '../../../domain/notification/kinds.ts'
import type { Unsubscribing } from '../../mail/unsubscribe.ts'
import { words } from '../../web/src/words.ts'
import { html } from '../html.ts'
import type { RoutePorts } from '../ports.ts'
import type { Refused } from '../problems.ts'
import { forAnyone, type Reply, type Route } from '../route.ts'
import { listsAreMade } from '../views.ts'

/** A page that needs no script and no style: mail programs show it too. */
const pageOf = (title: string, kinds: readonly Kind[], more: string): Reply => ({
  mediaType: 'text/html; charset=utf-8',
  content: html(
    title,
    '<meta name="color-scheme" content="light dark">',
    `<main><h1>${title}</h1><ul>${kinds.map((kind) => `<li>${words.kindTitles[kind]}</li>`).join('')}</ul>${more}</main>`,
  ),
  headers: {
    'Content-Security-Policy': "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  },
})

/** Whom the link was sent to, as last seen, and what it ends. */
const named = (
  { readUnsubscribe, views }: RoutePorts,
  token: string,
): Either<Refused, Unsubscribing & { readonly caller: Actor }> => {
  const read = readUnsubscribe(token)
  if (read === null) return left({ tag: 'NotFound' })
  if (!views.ready()) return left(listsAreMade)
  const caller = views.person(read.person)
  return caller === null ? left({ tag: 'NotFound' }) : right({ ...read, caller })
}

const common = {
  ...forAnyone,
  path: '/unsubscribe/{token}',
  tag: 'pages',
  forms: [{ mediaType: 'text/html', codec: null }],
  unlisted: true,
} as const

/** Looked at by people, and by programs that follow every link of a mail: it asks, and does nothing. */
export const unsubscribePage: Route = {
  ...common,
  method: 'get',
  operationId: 'unsubscribePage',
  summary: 'Asks whether these mails shall end',
  problems: ['not-found', 'not-ready'],
  answer: async (ports, { params }) => {
    const asked = named(ports, params['token'] ?? '')
    if (asked._tag === 'Left') return asked
    return right(
      pageOf(
        words.unsubscribeTitle,
        asked.right.kinds,
        `<form method="post"><button>${words.unsubscribe}</button></form>`,
      ),
    )
  },
}

/**
 * Ends these mails for the person whom the token names, with no sign-in: sent by the page above, or by a mail program at
 * one click (RFC 8058). The token alone decides; what the body says adds nothing to it, and is not read.
 */
export const unsubscribe: Route = {
  ...common,
  method: 'post',
  operationId: 'unsubscribe',
  summary: 'Ends these mails',
  problems: ['not-found', 'not-ready', 'damaged-stream', 'storage-full', 'outcome-unknown'],
  answer: async (ports, { params, correlationId }) => {
    const asked = named(ports, params['token'] ?? '')
    if (asked._tag === 'Left') return asked
    const { caller, kinds } = asked.right
    const ended = await ports.commands.unsubscribe({ caller, correlationId }, kinds)()
    if (ended._tag === 'Left') return ended
    return right(pageOf(words.unsubscribed, kinds, `<p><a href="/preferences">${words.preferences}</a></p>`))
  },
}
