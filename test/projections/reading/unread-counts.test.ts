import Sqlite from 'better-sqlite3'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cacheContext } from '../../../projections/cache/cache.ts'
import { reading } from '../../../projections/reading/reading.ts'
import { unreadCounts } from '../../../projections/reading/unread-counts.ts'
import { everyAccount } from '../../../projections/scope.ts'
import { holds } from '../../support/arbitrary.ts'
import { ticketId, personId } from '../../support/ids.ts'

const test = suite('unread counts')

const tickets = fc.integer({ min: 0, max: 11 })
const readers = fc.integer({ min: 0, max: 4 })
const steps = fc.array(
  fc.oneof(
    fc.record({ act: fc.constant('signs in' as const), reader: readers, ticket: tickets }),
    fc.record({ act: fc.constant('looks' as const), reader: readers, ticket: tickets }),
    fc.record({ act: fc.constant('is answered' as const), reader: readers, ticket: tickets }),
    fc.record({ act: fc.constant('answers' as const), reader: readers, ticket: tickets }),
  ),
  { maxLength: 120, size: 'max' },
)
type Steps = readonly { readonly act: string; readonly reader: number; readonly ticket: number }[]

/** All rows after these steps, flushed after every so many of them. */
const rowsAfter = (done: Steps, exclusive: boolean, most: number, every: number): unknown => {
  const db = new Sqlite(':memory:')
  db.exec(`${reading.tables}${exclusive ? '' : (reading.indexes ?? '')}`)
  const context = cacheContext(db, exclusive)
  const counts = unreadCounts(context, most)
  const opened = new Set<number>()
  for (const [at, { act, reader, ticket }] of done.entries()) {
    const [name, who, position] = [ticketId(`T-${ticket}`), personId(`reader-${reader}`), at + 1]
    const scope = reader === 0 ? everyAccount : (`=account-${reader % 2}` as const)
    const accountOfTicket = `=account-${ticket % 2}` as const
    if (!opened.has(ticket)) counts.opened(name, accountOfTicket)
    opened.add(ticket)
    const account = counts.accountOf(name)
    assert.is(account, accountOfTicket)
    if (act === 'signs in') counts.signedIn(who, scope, position)
    else if (act === 'looks') counts.seen(who, name, position)
    else counts.commented(name, act === 'answers' ? everyAccount : accountOfTicket, position, position)
    if (at % every === 0) context.flush()
  }
  assert.is(counts.accountOf(ticketId('T-none')), undefined)
  context.flush()
  const rows = ['readers', 'reading_marks', 'last_comments'].map((table) =>
    db.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all(),
  )
  db.close()
  return rows
}

test('however few tickets are held in memory, the rows are those without a cache', () =>
  holds(
    fc.property(steps, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 30 }), (done, most, every) => {
      assert.equal(rowsAfter(done, true, most, every), rowsAfter(done, false, most, 1))
    }),
    { usually: 200 },
  ))

test.run()
