import { maxAppendBytes } from '../../../adapters/event-store/eventstoredb/append.ts'
import { openEventStoreDB } from '../../../adapters/event-store/eventstoredb/store.ts'
import { isReal, onRealServer } from '../../support/eventstoredb/real.ts'
import { startStandIn } from '../../support/eventstoredb/stand-in.ts'
import { clusterContract, type OpenedCluster } from './cluster-contract.ts'
import { eventStoreContract } from './contract.ts'

const opened = (connectionString: string, remove: () => void): OpenedCluster => {
  const open = () => openEventStoreDB({ connectionString })
  return { store: open(), reopen: open, another: open, remove, appendLimit: maxAppendBytes }
}

const onStandIn = async (): Promise<OpenedCluster> => {
  const standIn = await startStandIn()
  return opened(standIn.connectionString, standIn.close)
}
eventStoreContract('on EventStoreDB', onStandIn)
clusterContract('on EventStoreDB', onStandIn)

if (isReal) {
  const onReal = async (): Promise<OpenedCluster> => opened(onRealServer(), () => undefined)
  eventStoreContract('on a real EventStoreDB', onReal)
  clusterContract('on a real EventStoreDB', onReal)
}
