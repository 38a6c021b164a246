import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import * as t from 'io-ts'
import { component } from '../../api/component.ts'
import { HealthResponse, ProjectionsResponse, ReadinessResponse } from '../../api/response-schemas.ts'
import { requireAllAccounts } from '../caller.ts'
import { noQuery } from '../request-parameters.ts'
import type { EarlyPorts } from '../ports.ts'
import { json, jsonReply, page, query, type Route } from '../route.ts'

/** What the server is configured with, and its state. */

const CategoriesResponse = component(
  'Categories',
  t.strict({ items: t.array(t.strict({ id: t.string, name: t.string, retired: t.boolean })) }),
)

const categories = query({
  path: '/v1/categories',
  operationId: 'listCategories',
  summary: 'The ticket types',
  may: ['customer', 'support', 'auditor', 'analyst', 'service'],
  query: noQuery,
  response: CategoriesResponse,
  handle: ({ categories: items }) =>
    TE.right(jsonReply({ items: items.map(({ id, name, retired }) => ({ id, name, retired })) })),
})

/** Parked streams are tickets of any account, so only callers who see all accounts may read this. */
const projections = query({
  path: '/v1/projections',
  operationId: 'listProjections',
  summary: 'Where each read model stands',
  tag: 'operations',
  may: ['support', 'auditor', 'analyst', 'service'],
  query: noQuery,
  response: ProjectionsResponse,
  handle: ({ readModels, reports }, { caller }) =>
    pipe(
      TE.fromEither(requireAllAccounts(caller)),
      TE.map(() => jsonReply({ items: [...readModels.status(), ...reports.status()] })),
    ),
})

const alive = page({
  path: '/healthz',
  operationId: 'getHealth',
  summary: 'Whether the server is running',
  tag: 'operations',
  access: 'anyone',
  representations: [{ mediaType: json, codec: HealthResponse }],
  handle: () => TE.right(jsonReply({ status: 'ok' })),
})

const ready = page({
  path: '/readyz',
  operationId: 'getReadiness',
  summary: 'Whether the server takes all requests, and why not',
  tag: 'operations',
  access: 'anyone',
  representations: [{ mediaType: json, codec: ReadinessResponse }],
  otherReplies: [{ status: 503, description: 'Not all requests', codec: ReadinessResponse }],
  handle: ({ state }) => {
    const now = state()
    return TE.right({ ...jsonReply(now), status: now.status === 'ready' ? 200 : 503 })
  },
})

const metrics = page({
  path: '/metrics',
  operationId: 'getMetrics',
  summary: 'Figures for Prometheus; on this machine without a token, else for a service',
  tag: 'operations',
  access: 'operator',
  representations: [{ mediaType: 'text/plain', codec: null }],
  handle: ({ metrics: { contentType, text } }) =>
    pipe(
      TE.fromTask(text),
      TE.map((content) => ({ mediaType: contentType, content })),
    ),
})

export const operationRoutes: readonly Route[] = [categories, projections]

export const probeRoutes: readonly Route<EarlyPorts>[] = [alive, ready, metrics]
