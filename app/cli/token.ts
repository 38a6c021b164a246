import { demoIdentity } from '../../adapters/identity/demo.ts'
import { signingKey } from '../../adapters/identity/signing-key.ts'
import { claimsOf, principalOf } from '../../adapters/identity/claims.ts'
import { demoPeople, demoPerson } from '../../adapters/identity/demo-people.ts'
import { readConfig } from '../config.ts'
import { systemPorts } from '../system.ts'
import { Failure } from './failure.ts'
import { print } from './output.ts'

export interface TokenOptions {
  readonly demo?: string
  readonly id?: string
  readonly name?: string
  readonly email?: string
  readonly role?: string
  readonly account?: string
  readonly ttl: string
}

const seconds = { s: 1, m: 60, h: 3_600, d: 86_400 } as const

const secondsOf = (ttl: string): number => {
  const found = /^(\d{1,6})([smhd])$/.exec(ttl)
  const unit = found?.[2]
  if (found === null || (unit !== 's' && unit !== 'm' && unit !== 'h' && unit !== 'd') || Number(found[1]) === 0) {
    throw new Failure(`--ttl: "${ttl}" is no time; say 30m, 8h or 7d`)
  }
  return Number(found[1]) * seconds[unit]
}

const claimsFrom = ({ demo, id, name, email, role, account }: TokenOptions): object => {
  if (demo === undefined) return { sub: id, name, email, role, ...(account === undefined ? {} : { account }) }
  const person = demoPerson(demo)
  if (person === undefined) {
    throw new Failure(`--demo: nobody is called "${demo}"; there are ${demoPeople.map((each) => each.name).join(', ')}`)
  }
  return { sub: person.id, ...claimsOf(person) }
}

/** Prints a bearer token for somebody, signed with the data folder's demo key. */
export const printToken = async (env: NodeJS.ProcessEnv, options: TokenOptions): Promise<void> => {
  const config = readConfig(env)
  const principal = principalOf(claimsFrom(options))
  if (principal._tag === 'Left') {
    throw new Failure(
      `wrong or missing: ${principal.left}; a token needs --id, --name, --email and --role, and for a customer --account`,
    )
  }
  const identity = demoIdentity(signingKey(config.signingKeyFile), systemPorts.clock)
  await print(await identity.issue(principal.right, secondsOf(options.ttl)))
}
