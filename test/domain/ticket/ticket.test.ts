import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { specifications } from '../../support/given-when-then.ts'
import { allCells, cellOf } from './cells.ts'
import { commentsWithStatus, customerComments, supportComments } from './commenting.ts'
import { closing, reopening } from './ending.ts'
import { opening } from './opening.ts'
import { assigning, settingStatus, taking } from './working.ts'

const table = suite('the table of domain.md')
const met = new Set<string>()
const spec = specifications(table, (command, ticket) => met.add(cellOf(command, ticket)))

/** Row by row, in the table's order; the examples stand in `ticket/`. */
opening(spec)
customerComments(spec)
supportComments(spec)
commentsWithStatus(spec)
taking(spec)
settingStatus(spec)
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
