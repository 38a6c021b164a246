import type { Clock, Principal } from '../../domain/desk.ts'
import { sha256 } from '../crypto.ts'
import { openDurable } from '../own-files.ts'
import { demoPeople } from './demo-people.ts'
import type { DemoIdentity } from './demo.ts'

/** Sessions of the pages: a token of the same kind as any other, kept in a cookie that no script can read. */
export interface Sessions {
  /** Whom the sign-in page offers. */
  readonly people: readonly Principal[]
  /** A token for one of them; null for nobody of theirs. */
  readonly begin: (id: string) => Promise<{ readonly person: Principal; readonly token: string } | null>
  /** Signed out is signed out: the token is worth nothing from now on, wherever a copy of it lies. */
  readonly end: (token: string) => void
  readonly isOver: (token: string) => boolean
  readonly close: () => void
}

/** A working day. */
export const sessionSeconds = 8 * 3_600

const tables = 'CREATE TABLE IF NOT EXISTS ended (token TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID'

const hashOf = (token: string): string => sha256(Buffer.from(token))

/** Opens the demo's sessions. Those that were ended are remembered in the data folder until they would have expired. */
export const openSessions = (identity: DemoIdentity, folder: string, clock: Clock): Sessions => {
  const db = openDurable(folder, 'sessions.db', (opened) => opened.exec(tables))
  const forget = db.prepare('DELETE FROM ended WHERE until < ?')
  const end = db.prepare('INSERT OR IGNORE INTO ended (token, until) VALUES (?, ?)')
  const find = db.prepare<[string], number>('SELECT 1 FROM ended WHERE token = ?').pluck()
  forget.run(clock.now())
  return {
    people: demoPeople,
    begin: async (id) => {
      const person = demoPeople.find((each) => each.id === id)
      return person === undefined ? null : { person, token: await identity.issue(person, sessionSeconds) }
    },
    end: (token) => {
      forget.run(clock.now())
      end.run(hashOf(token), clock.now() + sessionSeconds * 1_000)
    },
    isOver: (token) => find.get(hashOf(token)) === 1,
    close: () => db.close(),
  }
}
