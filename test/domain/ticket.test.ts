import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { specifications } from '../support/given-when-then.ts'
import { allCells, cellOf } from './ticket/cells.ts'
import { commentsWithStatus, customerComments, supportComments } from './ticket/commenting.ts'
import { closing, reopening } from './ticket/ending.ts'
import { opening } from './ticket/opening.ts'
import { assigning, naming, taking } from './ticket/working.ts'

const table = suite('the table of domain.md')
const met = new Set<string>()
const spec = specifications(table, (command, ticket) => met.add(cellOf(command, ticket)))

/** Row by row, in the table's order; the examples stand in `ticket/`. */
opening(spec)
customerComments(spec)
supportComments(spec)
commentsWithStatus(spec)
taking(spec)
naming(spec)
assigning(spec)
closing(spec)
reopening(spec)

table('every cell has an example', () => {
  assert.equal(
    allCells.filter((cell) => !met.has(cell)),
    [],
  )
})

table.run()
