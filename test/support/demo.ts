import { join } from 'node:path'
import { demoPerson } from '../../adapters/identity/demo-people.ts'
import { demoIdentity, type DemoIdentity } from '../../adapters/identity/demo.ts'
import { openKeyring, type Keyring } from '../../adapters/identity/keyring.ts'
import type { Clock } from '../../domain/clock.ts'
import { clientOf, type Client } from './client.ts'

/** The keys of a data folder. */
export const keysIn = (dataFolder: string, clock: Clock = { now: Date.now }): Keyring =>
  openKeyring(join(dataFolder, 'keys.json'), clock)

/** The demo sign-in with the keys of a data folder: it issues tokens that the folder's server accepts. */
export const demoIdentityIn = (dataFolder: string, clock: Clock = { now: Date.now }): DemoIdentity =>
  demoIdentity(keysIn(dataFolder, clock), clock)

/** A token of a demo person, as `ledgerdesk token --demo NAME` prints it for this data folder. */
export const demoToken = async (dataFolder: string, name: string): Promise<string> => {
  const person = demoPerson(name)
  if (person === undefined) throw new Error(`the demo has no person ${name}`)
  return demoIdentityIn(dataFolder).issue(person, 8 * 3_600)
}

/** A client of a running server, signed in as a demo person. */
export const demoClient = async (
  { url }: { readonly url: string },
  dataFolder: string,
  name: string,
): Promise<Client> => clientOf(url, await demoToken(dataFolder, name))
