import type { ServerState } from '../../adapters/http/ports.ts'
import { evolveFacts, initialFacts, stateOf, type ServerEvent } from './server-state.ts'

/** Log levels, as `pino` has them. */
export interface StateLog {
  readonly info: (fields: object, message: string) => void
  readonly warn: (fields: object, message: string) => void
  readonly error: (fields: object, message: string) => void
}

export interface StateMonitor {
  readonly report: (event: ServerEvent) => void
  readonly current: () => ServerState
}

const levelOf = ({ status }: ServerState): keyof StateLog => {
  switch (status) {
    case 'read-only':
      return 'error'
    case 'degraded':
      return 'warn'
    case 'starting':
    case 'catching-up':
    case 'ready':
    case 'closing':
      return 'info'
  }
}

/** Holds the facts that a server's state is computed from, and logs one line for each change of its status. */
export const createStateMonitor = (log: StateLog): StateMonitor => {
  let facts = initialFacts
  return {
    report: (event) => {
      const before = stateOf(facts)
      facts = evolveFacts(facts, event)
      const state = stateOf(facts)
      if (state.status === before.status) return
      log[levelOf(state)]({ state: state.status, before: before.status, reason: state.reason }, 'the state changed')
    },
    current: () => stateOf(facts),
  }
}
