import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { files } from '../../../projections/files/files.ts'
import { commentAdded, fileAttached, log as textFile, opened, shot } from '../../domain/ticket/events.ts'
import { ann, bob, eve, sue } from '../../support/people.ts'
import { testLog, withoutPersonal } from '../../support/projection-log.ts'
import { projectionSpec, shownAfter, type Shown } from '../../support/projection-specs.ts'

const test = suite('attached files')

const log = testLog()
log.ticket('T-1', bob, opened(bob), fileAttached(textFile))
log.ticket('T-2', eve, opened(eve))
log.ticket('T-1', sue, commentAdded('A picture'), fileAttached(shot))
// The first ticket that names a file keeps it.
log.ticket('T-2', eve, commentAdded('The same'), fileAttached(shot))
log.ticket('T-3', ann, opened(ann))

const shown: Shown = (db) => {
  const { find } = files.queries(db)
  return [textFile.id, shot.id, 'unknown'].map((id) => {
    const { ticket, account, name, mediaType, size, sha256 } = find(id) ?? {}
    return { ticket, account, name, mediaType, size, sha256 }
  })
}

const expected = (names: readonly (string | null)[]) => [
  ...[textFile, shot].map(({ mediaType, size, sha256 }, index) => ({
    ticket: 'T-1',
    account: 'acme',
    name: names[index],
    mediaType,
    size,
    sha256,
  })),
  { ticket: undefined, account: undefined, name: undefined, mediaType: undefined, size: undefined, sha256: undefined },
]

projectionSpec(
  test,
  files,
  'each belongs to the first ticket that names it, and to the account of that ticket',
  log.events,
  shown,
  expected([textFile.name, shot.name]),
)

test('an erased name is null, and the file is still found', () => {
  assert.equal(shownAfter([files], withoutPersonal(log.events, 'T-1'), shown), expected([null, null]))
})

test.run()
