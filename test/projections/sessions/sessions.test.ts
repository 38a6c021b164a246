import { suite } from 'uvu'
import type { UserEvent } from '../../../domain/user/events.ts'
import { sessions } from '../../../projections/sessions/sessions.ts'
import { ann, sue } from '../../support/people.ts'
import { testLog } from '../../support/projection-log.ts'
import { projectionSpec } from '../../support/projection-specs.ts'

const test = suite('sessions')

const signedOut = (session: string): UserEvent => ({ type: 'SignedOut', data: { session }, personal: {} })

const log = testLog()
log.user(ann, { type: 'SignedIn', data: {}, personal: {} }, signedOut('a'))
log.user(ann, signedOut('b'))
log.user(sue, signedOut('c'))
// Two servers ended the session at once.
log.user(sue, signedOut('c'))

projectionSpec(
  test,
  sessions,
  'ended sessions are over, and no others',
  log.events,
  (db) => ['a', 'b', 'c', 'd', ''].filter(sessions.queries(db).isOver),
  ['a', 'b', 'c'],
)

test.run()
