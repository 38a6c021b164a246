import { suite } from 'uvu'
import type { EndedSessions, UserEvent } from '../../../domain/user/events.ts'
import { sessions } from '../../../projections/sessions/sessions.ts'
import { personId } from '../../support/ids.ts'
import { ann, sue } from '../../support/people.ts'
import { testLog } from '../../support/projection-log.ts'
import { projectionSpec } from '../../support/projection-specs.ts'

const test = suite('sessions')

const signedOut = (data: EndedSessions): UserEvent => ({ type: 'SignedOut', data, personal: {} })

const at = (hour: number): string => `2026-01-01T0${hour}:00:00.000Z`
const everybodyOf = (person: string, hour: number, except?: string): UserEvent =>
  signedOut({ person: personId(person), before: at(hour), ...(except === undefined ? {} : { except }) })

const log = testLog()
log.user(ann, { type: 'SignedIn', data: {}, personal: {} }, signedOut({ session: 'a' }))
log.user(ann, signedOut({ session: 'b' }))
log.user(sue, signedOut({ session: 'c' }))
// Two servers ended the session at once.
log.user(sue, signedOut({ session: 'c' }))
log.user(ann, signedOut({ providerSession: 'p' }))
log.user(ann, everybodyOf('ann', 3, 'kept'))
log.user(ann, everybodyOf('ann', 3, 'kept'))
log.user(ann, everybodyOf('bob', 5))

const session = (id: string, person = 'nobody', hour = 1, providerSession: string | null = null) => ({
  id,
  person: personId(person),
  beganAt: Date.parse(at(hour)),
  providerSession,
})

projectionSpec(
  test,
  sessions,
  'ended sessions are over, and no others',
  log.events,
  (db) =>
    [
      session('a'),
      session('b'),
      session('c'),
      session('d'),
      session(''),
      session('e', 'nobody', 1, 'p'),
      session('p', 'nobody', 1, 'a'),
      session('f', 'ann', 2),
      session('kept', 'ann', 2),
      session('g', 'ann', 3),
      session('h', 'bob', 4),
      session('i', 'bob', 6),
    ]
      .filter(sessions.queries(db).isOver)
      .map(({ id }) => id),
  ['a', 'b', 'c', 'e', 'f', 'h'],
)

test.run()
