import type { ServerState } from '../../adapters/http/ports.ts'

/** What happens to a server that its state depends on. */
export type ServerEvent =
  /** The log and the files are open; the read models begin to catch up. */
  | { readonly tag: 'LogOpened' }
  /** Everything is open, and requests are answered from now on. */
  | { readonly tag: 'Started' }
  | { readonly tag: 'ReadModelsObserved'; readonly observed: ReadModelsObserved }
  | { readonly tag: 'LogWriteFailed'; readonly reason: string }
  | { readonly tag: 'LogWritable' }
  /** The log was ended, and goes on elsewhere. */
  | { readonly tag: 'LogSealed'; readonly to: string }
  | { readonly tag: 'Closing' }

/** How far the read models are that commands wait for, and the reports. */
export interface ReadModelsObserved {
  /** They held everything that the log held when they were opened. */
  readonly isCaughtUp: boolean
  /** The age of the oldest event that they lack, in seconds. */
  readonly lagSeconds: number
  /** As `lagSeconds`, of the reports' read models; 0 while these are being made. */
  readonly reportsLagSeconds: number
  /** Why they cannot read the log; null while they can. */
  readonly logFailure: string | null
  /** The share of the log that they hold, 0 to 1; null where it is not known. */
  readonly progress: number | null
}

/** What a server's state is computed from. */
export interface ServerFacts {
  readonly phase: 'starting' | 'catching-up' | 'started' | 'closing'
  readonly readModels: ReadModelsObserved
  /** Why the log cannot be written; null while it can. */
  readonly writeFailure: string | null
  /** Where the log goes on; null for one that was not sealed. It is never opened again. */
  readonly sealedTo: string | null
}

export const initialFacts: ServerFacts = {
  phase: 'starting',
  readModels: { isCaughtUp: false, lagSeconds: 0, reportsLagSeconds: 0, logFailure: null, progress: null },
  writeFailure: null,
  sealedTo: null,
}

/** Beyond so many seconds read models are stale. A burst of commands or an import makes them lag for less. */
export const staleAfterSeconds = 10

export const evolveFacts = (facts: ServerFacts, event: ServerEvent): ServerFacts => {
  // What is closed while closing fails, which says nothing about the server.
  if (facts.phase === 'closing') return facts
  switch (event.tag) {
    case 'LogOpened':
      return { ...facts, phase: 'catching-up' }
    case 'Started':
      return { ...facts, phase: 'started' }
    case 'ReadModelsObserved':
      return { ...facts, readModels: event.observed }
    case 'LogWriteFailed':
      return { ...facts, writeFailure: event.reason }
    case 'LogWritable':
      return { ...facts, writeFailure: null }
    case 'LogSealed':
      return { ...facts, sealedTo: event.to }
    case 'Closing':
      return { ...facts, phase: 'closing' }
  }
}

/** Of several things that are wrong, the state names the one that an operator must act on first. */
export const stateOf = ({ phase, readModels, writeFailure, sealedTo }: ServerFacts): ServerState => {
  if (phase === 'closing') return { status: 'closing', reason: 'the server is closing', progress: null }
  if (phase === 'starting') return { status: 'starting', reason: 'the log is being opened', progress: null }
  const unwritable = sealedTo === null ? writeFailure : `it is sealed, and goes on at ${sealedTo}`
  if (unwritable !== null) {
    return { status: 'read-only', reason: `the log cannot be written: ${unwritable}`, progress: null }
  }
  if (phase === 'catching-up' || !readModels.isCaughtUp) {
    const reason = readModels.logFailure ?? 'the read models are catching up with the log'
    return { status: 'catching-up', reason, progress: readModels.progress }
  }
  const { lagSeconds, reportsLagSeconds, logFailure } = readModels
  const why = logFailure === null ? '' : `; ${logFailure}`
  if (lagSeconds > staleAfterSeconds) {
    const reason = `the read models are stale: ${Math.round(lagSeconds)} s behind the log${why}`
    return { status: 'degraded', reason, progress: null }
  }
  if (reportsLagSeconds > staleAfterSeconds) {
    const reason = `the reports are stale: ${Math.round(reportsLagSeconds)} s behind the log`
    return { status: 'degraded', reason, progress: null }
  }
  return { status: 'ready', reason: null, progress: null }
}
