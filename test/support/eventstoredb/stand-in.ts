import type { ServerCredentials } from '@grpc/grpc-js'
import { noFaults, type Address, type Faults } from './faults.ts'
import { createLog, type Log } from './log.ts'
import { startNode, type Node } from './node.ts'
import { persistentSubscriptions } from './persistent.ts'

export interface StandIn {
  /** The address of a single node, or the gossip seeds of several. */
  readonly connectionString: string
  readonly log: Log
  readonly faults: Faults
  /** Every `authorization` header received. */
  readonly users: ReadonlySet<string>
  readonly addresses: readonly Address[]
  /** The number of parked events of persistent subscriptions. */
  readonly parked: () => number
  /** Ends a node as a kill does; the log is kept. */
  readonly kill: (node?: number) => void
  /** Starts a node again at its address. */
  readonly restart: (node?: number) => Promise<void>
  /** Makes another node the leader. */
  readonly elect: (node: number) => void
  readonly close: () => void
}

/**
 * A stand-in for EventStoreDB, built from the client's service definitions: the part of the protocol that this project
 * uses. All nodes serve one log, the leader's.
 */
export const startStandIn = async (nodes = 1, credentials?: ServerCredentials): Promise<StandIn> => {
  const log = createLog()
  const groups = persistentSubscriptions(log)
  const faults = noFaults()
  const users = new Set<string>()
  const running: (Node | undefined)[] = []
  const addresses: Address[] = []
  let leading = 0
  const here: Address = { address: '127.0.0.1', port: 0 }
  const cluster = {
    leader: () => addresses[leading] ?? here,
    members: () =>
      addresses.map((address, n) => ({ ...address, isLeader: n === leading, isAlive: running[n] !== undefined })),
  }
  for (let n = 0; n < nodes; n++) {
    const node = await startNode(log, groups, cluster, faults, { credentials, users })
    running.push(node)
    addresses.push({ address: node.address, port: node.port })
  }
  const kill = (node = 0): void => {
    running[node]?.end()
    running[node] = undefined
  }
  return {
    connectionString: `esdb://${addresses.map(({ address, port }) => `${address}:${port}`).join(',')}?tls=false`,
    log,
    faults,
    users,
    addresses,
    parked: () => groups.parked().length,
    kill,
    restart: async (node = 0) => {
      running[node] = await startNode(log, groups, cluster, faults, {
        port: addresses[node]?.port,
        credentials,
        users,
      })
    },
    elect: (node) => {
      leading = node
    },
    close: () => {
      for (let n = 0; n < nodes; n++) kill(n)
    },
  }
}
