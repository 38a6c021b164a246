import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client'
import { withoutNamespace } from '../../../adapters/event-store/eventstoredb/connect.ts'
import { isReal, onRealServer } from './real.ts'
import { startStandIn } from './stand-in.ts'

/** An empty log on a cluster, for tests that ask nothing else of it than what every cluster does. */
export interface ClusterPlace {
  readonly connectionString: string
  readonly close: () => void
}

/** On the real server where one is named, else on a stand-in of its own. */
export const emptyLog = async (): Promise<ClusterPlace> =>
  isReal ? { connectionString: onRealServer(), close: () => undefined } : startStandIn()

/** The client as it is, without our adapter: what others do there. */
export const withClient = async <A>(
  { connectionString }: ClusterPlace,
  use: (client: EventStoreDBClient) => Promise<A>,
): Promise<A> => {
  const client = EventStoreDBClient.connectionString(withoutNamespace(connectionString).connectionString)
  try {
    return await use(client)
  } finally {
    await client.dispose()
  }
}

/** So many events of somebody else's, in a stream that is not ours. */
export const writeAside = (place: ClusterPlace, count: number): Promise<void> =>
  withClient(place, async (client) => {
    const events = Array.from({ length: count }, (_, n) => jsonEvent({ type: 'Aside', data: { n } }))
    await client.appendToStream(`aside-${crypto.randomUUID()}`, events)
  })
