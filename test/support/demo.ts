import { join } from 'node:path'
import { demoPerson } from '../../adapters/identity/demo-people.ts'
import { demoIdentity, type DemoIdentity } from '../../adapters/identity/demo.ts'
import { signingKey } from '../../adapters/identity/signing-key.ts'
import type { Clock } from '../../domain/clock.ts'
import { clientOf, type Client } from './client.ts'

/** The demo sign-in with the signing key of a data folder: it issues tokens that the folder's server accepts. */
export const demoIdentityIn = (dataFolder: string, clock: Clock = { now: Date.now }): DemoIdentity =>
  demoIdentity(signingKey(join(dataFolder, 'signing-key')), clock)

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
