import { mostBytes } from '../../../adapters/event-store/eventstoredb/append.ts'
import { openEventStoreDB } from '../../../adapters/event-store/eventstoredb/store.ts'
import { startStandIn } from '../../support/eventstoredb/stand-in.ts'
import { clusterPromises, type OpenedCluster } from './cluster-promises.ts'
import { eventStoreContract } from './contract.ts'

const opened = (connectionString: string, namespace: string, remove: () => void): OpenedCluster => {
  const open = () => openEventStoreDB({ connectionString, namespace })
  return { store: open(), reopen: open, another: open, remove, appendLimit: mostBytes }
}

const onStandIn = async (): Promise<OpenedCluster> => {
  const standIn = await startStandIn()
  return opened(standIn.connectionString, '', standIn.close)
}
eventStoreContract('on EventStoreDB', onStandIn)
clusterPromises('on EventStoreDB', onStandIn)

/** The same against a real server, where each test has a log of its own by the names of its streams. */
const real = process.env['LEDGERDESK_TEST_ESDB']
if (real !== undefined && real !== '') {
  const onReal = async (): Promise<OpenedCluster> => {
    const namespace = `test${crypto.randomUUID().replaceAll('-', '')}.`
    return opened(real, namespace, () => undefined)
  }
  eventStoreContract('on a real EventStoreDB', onReal)
  clusterPromises('on a real EventStoreDB', onReal)
}
