import { Metadata, status, type StatusObject } from '@grpc/grpc-js'

export type Method =
  | 'append'
  | 'readStream'
  | 'readAll'
  | 'subscribe'
  | 'features'
  | 'gossip'
  | 'persistent'
  | 'createPersistent'

/** `silent` never responds, `cut` ends the connection, the others are errors of the server. */
export type Fault =
  | 'none'
  | 'silent'
  | 'cut'
  | 'unavailable'
  | 'not-ready'
  | 'not-leader'
  | 'timeout'
  | 'internal'
  | 'no-leader'
  | 'unauthenticated'
  | 'access-denied'
  | 'unsupported'
  | 'stream-deleted'

/**
 * The faults of a node, decided for each call: `before` it is executed, or `after` it, in place of the response. A promise
 * delays the call.
 */
export interface Faults {
  before: (method: Method) => Fault | Promise<Fault>
  after: (method: Method) => Fault | Promise<Fault>
  /** How long the node scans 1,000 records of `$all` that a filter passes over, in ms. */
  scanMs: number
}

export const noFaults = (): Faults => ({ before: () => 'none', after: () => 'none', scanMs: 0 })

export interface Address {
  readonly address: string
  readonly port: number
}

const failed = (code: status, details: string, more: Readonly<Record<string, string>> = {}): StatusObject => {
  const metadata = new Metadata()
  for (const [key, value] of Object.entries(more)) metadata.set(key, value)
  return { code, details, metadata }
}

/** The trailers that the client turns into its NotLeaderError (see `CommandError` there). */
const notLeader = (leader: Address): StatusObject =>
  failed(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': leader.address,
    'leader-endpoint-port': String(leader.port),
  })

export const errorOf = (fault: Exclude<Fault, 'none' | 'silent' | 'cut'>, leader: Address): StatusObject => {
  switch (fault) {
    case 'unavailable':
      return failed(status.UNAVAILABLE, 'the node is going away')
    case 'not-ready':
      return failed(status.UNAVAILABLE, 'Server Is Not Ready')
    case 'not-leader':
      return notLeader(leader)
    case 'timeout':
      return failed(status.ABORTED, 'Operation timed out: CommitTimeout')
    case 'internal':
      return failed(status.INTERNAL, 'something broke')
    case 'no-leader':
      return failed(status.UNKNOWN, 'No leader info available in response')
    case 'unauthenticated':
      return failed(status.UNAUTHENTICATED, 'Unauthenticated')
    case 'unsupported':
      return failed(status.UNIMPLEMENTED, 'Service is unimplemented.')
    case 'access-denied':
      return failed(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' })
    case 'stream-deleted':
      return failed(status.FAILED_PRECONDITION, 'Event stream is deleted.', {
        exception: 'stream-deleted',
        'stream-name': 'ticket-T-00000001',
      })
  }
}

/** A read from a position between two records, as the server words it. */
export const notARecord = (isFiltered: boolean): StatusObject =>
  failed(status.UNKNOWN, `Unexpected ${isFiltered ? 'Filtered' : ''}ReadAllResult: Error`)

/** A subscription from such a position. */
export const handlerFailed = (): StatusObject => failed(status.UNKNOWN, 'Exception was thrown by handler.')

export const tooLarge = (limit: number): StatusObject =>
  failed(status.INVALID_ARGUMENT, `Maximum Append Size of ${limit} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(limit),
  })
