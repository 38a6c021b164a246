import type { Principal } from '../../domain/actor.ts'
import { sha256 } from '../crypto.ts'
import { demoPeople } from './demo-people.ts'
import type { DemoIdentity } from './demo.ts'

/** Sessions of the pages: a token of the same kind as any other, kept in a cookie that no script can read. */
export interface Sessions {
  /** Whom the sign-in page offers. */
  readonly people: readonly Principal[]
  /** A token for one of them; null for nobody of theirs. */
  readonly begin: (id: string) => Promise<{ readonly person: Principal; readonly token: string } | null>
  /** Whose token this is; null where it is worth nothing. */
  readonly whose: (token: string) => Promise<Principal | null>
}

/** A working day. */
export const sessionSeconds = 8 * 3_600

/** What the log calls a token's session: nobody learns the token from it. */
export const sessionOf = (token: string): string => sha256(token)

/** The demo's sessions. */
export const demoSessions = (identity: DemoIdentity): Sessions => ({
  people: demoPeople,
  begin: async (id) => {
    const person = demoPeople.find((each) => each.id === id)
    return person === undefined ? null : { person, token: await identity.issue(person, sessionSeconds) }
  },
  whose: async (token) => {
    const known = await identity.authenticate(token)
    return known._tag === 'Right' ? known.right : null
  },
})
