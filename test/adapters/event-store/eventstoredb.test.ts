import { mostBytes } from '../../../adapters/event-store/eventstoredb/append.ts'
import { openEventStoreDB } from '../../../adapters/event-store/eventstoredb/store.ts'
import { startStandIn } from '../../support/eventstoredb/stand-in.ts'
import { eventStoreContract } from './contract.ts'

eventStoreContract('on EventStoreDB', async () => {
  const standIn = await startStandIn()
  const open = () => openEventStoreDB({ connectionString: standIn.connectionString })
  return { store: open(), reopen: open, remove: standIn.close, appendLimit: mostBytes }
})
