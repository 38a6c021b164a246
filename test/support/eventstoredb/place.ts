import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client'
import { withoutNamespace } from '../../../adapters/event-store/eventstoredb/connect.ts'
import { isReal, onRealServer, withOption } from './real.ts'
import { startStandIn } from './stand-in.ts'

/** An empty log on a cluster, for tests that inject no faults. */
export interface ClusterPlace {
  readonly connectionString: string
  readonly close: () => void
}

/** On the real server that `LEDGERDESK_TEST_ESDB` names, otherwise on a new stand-in. */
export const emptyLog = async (): Promise<ClusterPlace> => {
  if (isReal) return { connectionString: onRealServer(), close: () => undefined }
  const { connectionString, close } = await startStandIn()
  return { connectionString: withOption(connectionString, 'defaultDeadline=30000'), close }
}

/** The unmodified client, as other programs use it. */
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

/** Writes so many events of another program to a stream outside the log. */
export const writeAside = (place: ClusterPlace, count: number): Promise<void> =>
  withClient(place, async (client) => {
    const events = Array.from({ length: count }, (_, n) => jsonEvent({ type: 'Aside', data: { n } }))
    await client.appendToStream(`aside-${crypto.randomUUID()}`, events)
  })
