import { join } from 'node:path'
import { demoPerson } from '../../adapters/identity/demo-people.ts'
import { demoIdentity, type DemoIdentity } from '../../adapters/identity/demo.ts'
import { signingKey } from '../../adapters/identity/signing-key.ts'
import type { Clock } from '../../domain/clock.ts'
import { clientOf, type Client } from './client.ts'

/** The sign-in of a data folder, as its server has it. */
export const demoIdentityIn = (dataFolder: string, clock: Clock = { now: Date.now }): DemoIdentity =>
  demoIdentity(signingKey(join(dataFolder, 'signing-key')), clock)

/** A token of the demo for one of its people, as `ledgerdesk token` prints it for this data folder. */
export const demoToken = async (dataFolder: string, name: string): Promise<string> => {
  const person = demoPerson(name)
  if (person === undefined) throw new Error(`${name} is nobody of the demo`)
  return demoIdentityIn(dataFolder).issue(person, 8 * 3_600)
}

/** Calls a running server as one of the demo's people. */
export const demoClient = async (
  { url }: { readonly url: string },
  dataFolder: string,
  name: string,
): Promise<Client> => clientOf(url, await demoToken(dataFolder, name))
