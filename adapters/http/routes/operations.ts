import { left, right } from 'fp-ts/lib/Either.js'
import { named } from '../response-schemas.ts'
import { accountOf } from '../persons.ts'
import { noQuery } from '../query.ts'
import { json, jsonReply, page, query } from '../route.ts'

/** What is parked names tickets of any account, so this is for those who may know of all. */
export const projections = query({
  path: '/v1/projections',
  operationId: 'listProjections',
  summary: 'Where each read model stands',
  tag: 'operations',
  may: ['support', 'auditor', 'analyst', 'service'],
  query: noQuery,
  forms: [{ mediaType: json, codec: named.Projections }],
  handle: async ({ views }, { caller }) => {
    if (accountOf(caller) !== null) return left({ tag: 'Forbidden', reason: 'this is for those who see all accounts' })
    return right(jsonReply({ items: views.projections() }))
  },
})

export const alive = page({
  path: '/healthz',
  operationId: 'getHealth',
  summary: 'Whether the server lives',
  tag: 'operations',
  access: 'anyone',
  forms: [{ mediaType: json, codec: named.Health }],
  handle: async () => right(jsonReply({ status: 'ok' })),
})

export const ready = page({
  path: '/readyz',
  operationId: 'getReadiness',
  summary: 'Whether the server takes requests',
  tag: 'operations',
  access: 'anyone',
  forms: [{ mediaType: json, codec: named.Health }],
  problems: ['not-ready'],
  handle: async ({ views, open }) => {
    if (!open()) return left({ tag: 'NotReady', reason: 'the server is shutting down' })
    if (!views.ready()) return left({ tag: 'NotReady', reason: 'the read models are catching up' })
    return right(jsonReply({ status: 'ok' }))
  },
})

export const metrics = page({
  path: '/metrics',
  operationId: 'getMetrics',
  summary: 'Figures for Prometheus; on this machine without a token, else for a service',
  tag: 'operations',
  access: 'operator',
  forms: [{ mediaType: 'text/plain', codec: null }],
  handle: async (ports) => right({ mediaType: ports.metrics.contentType, content: await ports.metrics.text() }),
})
