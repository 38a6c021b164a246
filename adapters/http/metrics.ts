import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { UnsentMails } from '../../domain/mail/mailer.ts'
import { ServerStatus, type ProjectionResponse } from '../api/response-schemas.ts'
import type { HttpMetrics, ServerState } from './ports.ts'

/** The metrics of a server for Prometheus: requests, appends and conflicts, read models and mails. */
export interface Metrics extends HttpMetrics {
  /** Counts what the command handler does. */
  readonly commandHandler: (what: 'append' | 'conflict') => void
}

/** What is read at each request for the metrics. */
export interface MetricSources {
  readonly projections: () => readonly ProjectionResponse[]
  /** Events of types that this version does not know. */
  readonly passedOver: () => number
  /** Null where no mails are sent because the outbox is damaged. */
  readonly mails: () => UnsentMails | null
  readonly state: () => ServerState
  readonly lostLogLines: () => number
}

const statuses = Object.keys(ServerStatus.keys)

/** Each server has a registry of its own, so that two in one process do not share counters. */
export const createMetrics = (sources: MetricSources): Metrics => {
  const { projections, passedOver, mails } = sources
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'ledgerdesk_http_request_seconds',
    help: 'Time to answer a request, by route pattern',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [registry],
  })
  const counted = {
    append: new Counter({ name: 'ledgerdesk_appends_total', help: 'Commands appended', registers: [registry] }),
    conflict: new Counter({
      name: 'ledgerdesk_append_conflicts_total',
      help: 'Appends that met another one and were decided again',
      registers: [registry],
    }),
  }
  const gauge = (name: string, help: string, value: (status: ProjectionResponse) => number): Gauge =>
    new Gauge({
      name,
      help,
      labelNames: ['projection'],
      registers: [registry],
      collect() {
        this.reset()
        for (const status of projections()) this.set({ projection: status.name }, value(status))
      },
    })
  gauge('ledgerdesk_projection_position', 'The position that a read model holds', ({ position }) => Number(position))
  gauge('ledgerdesk_projection_lag_seconds', 'How far a read model is behind', ({ lagSeconds }) => lagSeconds)
  gauge('ledgerdesk_projection_parked', 'Tickets that a read model stopped at', ({ parked }) => parked.length)
  const parkedTicket = new Gauge({
    name: 'ledgerdesk_parked_ticket',
    help: 'A ticket that a read model stopped at: where, and why',
    labelNames: ['projection', 'ticket', 'position', 'reason'],
    registers: [],
    collect() {
      this.reset()
      for (const { name: projection, parked } of projections()) {
        for (const { ticket, position, reason } of parked) this.set({ projection, ticket, position, reason }, 1)
      }
    },
  })
  const eventsPassedOver = new Gauge({
    name: 'ledgerdesk_events_passed_over',
    help: 'Events of types that this version does not know, passed over by the read models',
    registers: [],
    collect() {
      this.set(passedOver())
    },
  })
  const mailer = new Gauge({
    name: 'ledgerdesk_mailer_up',
    help: 'Whether this server may send mails: 0 where its outbox is damaged',
    registers: [],
    collect() {
      this.set(mails() === null ? 0 : 1)
    },
  })
  const unsent = new Gauge({
    name: 'ledgerdesk_mails_unsent',
    help: 'Mails that wait, and dead letters',
    labelNames: ['state'],
    registers: [],
    collect() {
      this.reset()
      for (const [state, count] of Object.entries(mails() ?? {})) this.set({ state }, count)
    },
  })
  const state = new Gauge({
    name: 'ledgerdesk_state',
    help: 'The state of the server: 1 for the one that it is in',
    labelNames: ['state'],
    registers: [],
    collect() {
      const { status } = sources.state()
      for (const each of statuses) this.set({ state: each }, each === status ? 1 : 0)
    },
  })
  const lostLogLines = new Counter({
    name: 'ledgerdesk_log_lines_lost_total',
    help: 'Log lines that could not be written to stderr',
    registers: [],
    collect() {
      this.reset()
      this.inc(sources.lostLogLines())
    },
  })
  registry.registerMetric(state)
  registry.registerMetric(lostLogLines)
  registry.registerMetric(mailer)
  registry.registerMetric(unsent)
  registry.registerMetric(parkedTicket)
  registry.registerMetric(eventsPassedOver)
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    requests,
    commandHandler: (what) => counted[what].inc(),
  }
}
