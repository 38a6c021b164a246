/** Runs a stand-in as a process and prints its connection string, to be used as `LEDGERDESK_TEST_ESDB`. */
import { startStandIn } from './stand-in.ts'

const { connectionString } = await startStandIn()
console.log(connectionString)
