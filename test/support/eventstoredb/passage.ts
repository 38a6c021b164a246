import type { Metadata, StatusObject } from '@grpc/grpc-js'
import type { Faults, Method } from './faults.ts'
import type { Log } from './log.ts'

export interface AnyCall {
  readonly metadata: Metadata
  readonly destroy?: () => void
}

/** Runs a call at a node: faults before it, the work, faults after it, the response. */
export interface Passage {
  readonly log: Log
  readonly faults: Faults
  readonly through: (
    method: Method,
    call: AnyCall,
    fail: (error: StatusObject) => unknown,
    work: () => () => unknown,
  ) => Promise<void>
}
