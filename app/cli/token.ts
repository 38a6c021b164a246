import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { demoIdentity, longestDemoSeconds } from '../../adapters/identity/demo.ts'
import { claimsOf, principalOf } from '../../adapters/identity/claims.ts'
import { demoPeople, demoPerson } from '../../adapters/identity/demo-people.ts'
import type { Principal } from '../../domain/actor.ts'
import { readConfig } from '../config.ts'
import type { Failure } from '../failures.ts'
import { openKeys } from '../keys.ts'
import { systemPorts } from '../system.ts'
import { invalidArgument } from './arguments.ts'
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

const secondsOfUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

const secondsOf = (ttl: string): E.Either<Failure, number> => {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(ttl) ?? []
  const seconds = Number(count) * (secondsOfUnit[unit] ?? 0)
  return seconds > 0 && seconds <= longestDemoSeconds
    ? E.right(seconds)
    : invalidArgument('--ttl', `must be a time such as 30m, 8h or 7d, at most 90d, and is "${ttl}"`)
}

/** The option that each claim comes from. */
const optionOfClaim: Readonly<Record<string, string>> = {
  sub: '--id',
  name: '--name',
  email: '--email',
  role: '--role',
  account: '--account',
}

const optionsOf = (claims: string): string =>
  claims
    .split(', ')
    .map((claim) => optionOfClaim[claim] ?? claim)
    .join(', ')

const claimsFrom = ({ demo, id, name, email, role, account }: TokenOptions): E.Either<Failure, object> => {
  if (demo === undefined) return E.right({ sub: id, name, email, role, ...(account === undefined ? {} : { account }) })
  const person = demoPerson(demo)
  return person === undefined
    ? invalidArgument('--demo', `must be one of ${demoPeople.map((each) => each.name).join(', ')}, and is "${demo}"`)
    : E.right({ sub: person.id, ...claimsOf(person) })
}

const principalFrom = (options: TokenOptions): E.Either<Failure, Principal> =>
  pipe(
    claimsFrom(options),
    E.flatMap((claims) =>
      pipe(
        principalOf(claims),
        E.orElse((wrong): E.Either<Failure, Principal> =>
          invalidArgument(
            optionsOf(wrong),
            'must be valid: a token needs --id, --name, --email and --role, for a customer also --account',
          ),
        ),
      ),
    ),
  )

/** `token`: prints a bearer token, signed with the key of the demo sign-in. */
export const printToken = (env: NodeJS.ProcessEnv, options: TokenOptions): TE.TaskEither<Failure, void> =>
  pipe(
    E.Do,
    E.bind('config', () => readConfig(env)),
    E.tap(({ config }) =>
      config.auth === 'demo'
        ? E.right(undefined)
        : E.left<Failure>({
            code: 'InvalidConfiguration',
            variable: 'LEDGERDESK_AUTH',
            problem: 'must be demo for demo tokens: get an access token from the provider',
          }),
    ),
    E.bind('principal', () => principalFrom(options)),
    E.bind('seconds', () => secondsOf(options.ttl)),
    TE.fromEither,
    TE.flatMap(({ config, principal, seconds }) =>
      TE.fromTask(async () => {
        const identity = demoIdentity(openKeys(config, systemPorts.clock), systemPorts.clock)
        await print(await identity.issue(principal, seconds))
      }),
    ),
  )
