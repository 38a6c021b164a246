import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client'
import { withoutNamespace } from '../../../adapters/event-store/eventstoredb/connect.ts'
import { isReal, onRealServer, withOption } from './real.ts'
import { startStandIn } from './stand-in.ts'

/** An empty log on a cluster, for tests that ask nothing else of it than what every cluster does. */
export interface ClusterPlace {
  readonly connectionString: string
  readonly close: () => void
}

/** On the real server where one is named, else on a stand-in of its own, which on a busy machine takes seconds to answer. */
export const emptyLog = async (): Promise<ClusterPlace> => {
  if (isReal) return { connectionString: onRealServer(), close: () => undefined }
  const { connectionString, close } = await startStandIn()
  return { connectionString: withOption(connectionString, 'defaultDeadline=30000'), close }
}

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
