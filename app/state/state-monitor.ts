import type { ServerState } from '../../adapters/http/ports.ts'
import { evolveFacts, initialFacts, stateOf, type ReadModelsObserved, type ServerEvent } from './server-state.ts'

/** Log levels, as `pino` has them. */
export interface StateLog {
  readonly info: (fields: object, message: string) => void
  readonly warn: (fields: object, message: string) => void
  readonly error: (fields: object, message: string) => void
}

export interface StateMonitor {
  readonly report: (event: ServerEvent) => void
  /** The present state: the read models are looked at anew. */
  readonly current: () => ServerState
  /** Looks at the read models from now on, whenever the state is asked for, and twice a second for the log. */
  readonly observe: (look: () => ReadModelsObserved) => { readonly close: () => Promise<void> }
}

const everyMs = 500

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
  let look: (() => ReadModelsObserved) | null = null
  const report = (event: ServerEvent): void => {
    const before = stateOf(facts)
    facts = evolveFacts(facts, event)
    const state = stateOf(facts)
    if (state.status === before.status) return
    log[levelOf(state)]({ state: state.status, before: before.status, reason: state.reason }, 'the state changed')
  }
  const current = (): ServerState => {
    if (look !== null) report({ tag: 'ReadModelsObserved', observed: look() })
    return stateOf(facts)
  }
  return {
    report,
    current,
    observe: (next) => {
      look = next
      const timer = setInterval(current, everyMs).unref()
      return {
        close: () => {
          clearInterval(timer)
          return Promise.resolve()
        },
      }
    },
  }
}
