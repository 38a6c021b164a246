import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { people } from '../../../projections/people/people.ts'
import { assigned, commentAdded, opened, statusChanged } from '../../domain/ticket/events.ts'
import { personId } from '../../support/ids.ts'
import { testLog, withoutPersonal } from '../../support/projection-log.ts'
import { projectionSpec, shownAfter } from '../../support/projection-specs.ts'
import { ann, bob, sue, tom } from '../../support/people.ts'

const test = suite('people')

const log = testLog()
log.ticket('T-1', sue, opened(bob), statusChanged('open', 'waiting_for_customer', 'opened_for_customer', sue))
log.ticket('T-1', { ...bob, name: 'Bob Baker' }, commentAdded('Thanks'))
log.ticket('T-2', ann, opened(ann))
log.ticket('T-2', sue, assigned(tom))
log.unknown('T-2', sue)

projectionSpec(
  test,
  people,
  'names as last seen',
  log.events,
  (db) => [...people.queries(db).byIds(['ann', 'bob', 'nobody', 'sue', 'tom', 'bob'].map(personId)).values()],
  [
    { id: 'ann', name: 'Ann', email: 'ann@acme.example', role: 'customer', account: 'acme' },
    { id: 'bob', name: 'Bob Baker', email: 'bob@acme.example', role: 'customer', account: 'acme' },
    { id: 'sue', name: 'Sue', email: 'sue@help.example', role: 'support', account: null },
    { id: 'tom', name: 'Tom', email: 'tom@help.example', role: 'support', account: null },
  ],
)

test('support are those who acted as support or were assigned a ticket', () => {
  const { isSupport } = shownAfter([people], log.events, (db) => {
    const queries = people.queries(db)
    return { isSupport: ['sue', 'tom', 'bob', 'ann', 'nobody'].map(personId).filter(queries.isSupport) }
  })
  assert.equal(isSupport, ['sue', 'tom'])
})

test('a person erased everywhere has no name, and others keep theirs', () => {
  const events = withoutPersonal(log.events, 'T-1')
  const known = shownAfter([people], events, (db) => [
    ...people
      .queries(db)
      .byIds([personId('bob'), personId('ann')])
      .keys(),
  ])
  assert.equal(known, ['ann'])
})

test.run()
