import type { ServerCredentials } from '@grpc/grpc-js'
import { noFaults, type Address, type Faults } from './faults.ts'
import { createLog, type Log } from './log.ts'
import { startNode, type Node } from './node.ts'
import { persistentSubscriptions } from './persistent.ts'

export interface StandIn {
  /** For one node this one's address; for several the gossip seeds. */
  readonly connectionString: string
  readonly log: Log
  readonly faults: Faults
  /** Every `authorization` that was sent. */
  readonly users: ReadonlySet<string>
  readonly addresses: readonly Address[]
  /** How many events of persistent subscriptions were set aside. */
  readonly parked: () => number
  /** Ends a node as a kill would; the log stays. */
  readonly kill: (node?: number) => void
  /** The same node again, at the same address. */
  readonly restart: (node?: number) => Promise<void>
  /** Another node becomes the leader. */
  readonly elect: (node: number) => void
  readonly close: () => void
}

/**
 * A stand-in for EventStoreDB made from the service definitions that the client brings: enough of the protocol for what
 * this project uses. All nodes show one log, the leader's.
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
