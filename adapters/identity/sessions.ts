import * as E from 'fp-ts/lib/Either.js'
import type { Principal } from '../../domain/actor.ts'
import type { PersonId } from '../../domain/ids.ts'
import { demoPeople } from './demo-people.ts'
import type { DemoIdentity } from './demo.ts'

/** Sessions of the web client: a token like any other, in a cookie that no script can read. */
export interface Sessions {
  /** The people whom the sign-in page offers. */
  readonly people: readonly Principal[]
  /** A token for one of them; null for an id that is none of theirs. */
  readonly begin: (id: PersonId) => Promise<{ readonly person: Principal; readonly token: string } | null>
  /** The person of a token; null where it is not valid. */
  readonly whose: (token: string) => Promise<Principal | null>
}

/** A working day. */
export const sessionSeconds = 8 * 3_600

export const demoSessions = (identity: DemoIdentity): Sessions => ({
  people: demoPeople,
  begin: async (id) => {
    const person = demoPeople.find((each) => each.id === id)
    return person === undefined ? null : { person, token: await identity.issue(person, sessionSeconds) }
  },
  whose: async (token) => E.getOrElseW(() => null)(await identity.authenticate(token)),
})
