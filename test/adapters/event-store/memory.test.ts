import { memoryEventStore } from '../../support/memory-event-store.ts'
import { eventStoreContract } from './contract.ts'

eventStoreContract('in memory', () => ({ store: memoryEventStore(), reopen: null, remove: () => undefined }))
