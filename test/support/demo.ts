import { demoPerson } from '../../adapters/identity/demo-people.ts'
import { openDemoIdentity } from '../../adapters/identity/demo.ts'
import { clientOf, type Client } from './client.ts'

/** A token of the demo for one of its people, as `ledgerdesk token` prints it for this data folder. */
export const demoToken = async (dataFolder: string, name: string): Promise<string> => {
  const person = demoPerson(name)
  if (person === undefined) throw new Error(`${name} is nobody of the demo`)
  return openDemoIdentity({ dataFolder, clock: { now: Date.now } }).issue(person, 8 * 3_600)
}

/** Calls a running server as one of the demo's people. */
export const demoClient = async (
  { url }: { readonly url: string },
  dataFolder: string,
  name: string,
): Promise<Client> => clientOf(url, await demoToken(dataFolder, name))
