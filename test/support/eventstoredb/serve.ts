/** A stand-in in a process of its own, for `LEDGERDESK_TEST_ESDB` where there is no real server: prints how to reach it. */
import { startStandIn } from './stand-in.ts'

const { connectionString } = await startStandIn()
console.log(connectionString)
