import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { EarlyPorts } from '../ports.ts'
import type { Refused } from '../problems.ts'
import { routeDefaults, type Route } from '../route.ts'

/** The addresses of the web client's pages. One document serves all of them; its script reads the address. */
const addresses = {
  signIn: '/',
  ticketsPage: '/tickets',
  ticketPage: '/tickets/{id}',
  ticketHistoryPage: '/tickets/{id}/history',
  archivePage: '/archive',
  newPage: '/new',
  notificationsPage: '/notifications',
  preferencesPage: '/preferences',
  reportsPage: '/reports',
}

const common = {
  ...routeDefaults,
  method: 'get',
  tag: 'pages',
  access: 'anyone',
  problems: ['not-found'],
  unlisted: true,
} as const

const found = TE.fromNullable<Refused>({ tag: 'NotFound' })

/** Query parameters are the client's own, so none is refused here. */
const pageAt = ([operationId, path]: readonly [string, string]): Route<EarlyPorts> => ({
  ...common,
  path,
  operationId,
  summary: 'A page of the helpdesk',
  representations: [{ mediaType: 'text/html', codec: null }],
  handle: ({ pages }) => found(pages.document),
})

const asset: Route<EarlyPorts> = {
  ...common,
  path: '/assets/{file}',
  operationId: 'getAsset',
  summary: 'A part of the pages',
  representations: ['text/javascript', 'text/css', 'image/svg+xml', 'application/octet-stream'].map((mediaType) => ({
    mediaType,
    codec: null,
  })),
  handle: ({ pages }, { param, request }) =>
    pipe(
      TE.fromTask(() => pages.asset(param('file'), request.headers['accept-encoding'] ?? '')),
      TE.flatMap(found),
    ),
}

export const pageRoutes: readonly Route<EarlyPorts>[] = [...Object.entries(addresses).map(pageAt), asset]
