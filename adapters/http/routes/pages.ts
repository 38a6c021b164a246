import { left, right } from 'fp-ts/lib/Either.js'
import { forAnyone, type Route } from '../route.ts'

/** The addresses of the pages (rulings, 20). One document serves all; its script shows what the address says. */
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
  ...forAnyone,
  method: 'get',
  tag: 'pages',
  problems: ['not-found'],
  unlisted: true,
} as const

/** Behind the `?` stands what the page itself reads, so nothing there is refused here. */
const pageAt = ([operationId, path]: readonly [string, string]): Route => ({
  ...common,
  path,
  operationId,
  summary: 'A page of the helpdesk',
  forms: [{ mediaType: 'text/html', codec: null }],
  answer: async ({ pages: { document } }) => (document === null ? left({ tag: 'NotFound' }) : right(document)),
})

const asset: Route = {
  ...common,
  path: '/assets/{file}',
  operationId: 'getAsset',
  summary: 'A part of the pages',
  forms: ['text/javascript', 'text/css', 'image/svg+xml', 'application/octet-stream'].map((mediaType) => ({
    mediaType,
    codec: null,
  })),
  answer: async ({ pages }, { params, request }) => {
    const part = await pages.asset(params['file'] ?? '', request.headers['accept-encoding'] ?? '')
    return part === null ? left({ tag: 'NotFound' }) : right(part)
  },
}

export const pageRoutes: readonly Route[] = [...Object.entries(addresses).map(pageAt), asset]
