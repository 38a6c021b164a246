import type { Metadata, StatusObject } from '@grpc/grpc-js'
import type { Method } from './faults.ts'
import type { Log } from './log.ts'

export interface AnyCall {
  readonly metadata: Metadata
  readonly destroy?: () => void
}

/** The way of each call through a node: faults before, the work, faults after, the answer. */
export interface Passage {
  readonly log: Log
  readonly through: (
    method: Method,
    call: AnyCall,
    fail: (error: StatusObject) => unknown,
    work: () => () => unknown,
  ) => Promise<void>
}
