import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openReadModelFile } from '../../../app/projections/read-model-file.ts'
import { removeDatabase } from '../../../app/projections/generations.ts'
import { projectionRunner } from '../../../app/projections/projection-runner.ts'
import { readOnlyModels } from '../../../app/projections/read-only-models.ts'
import { personId } from '../../support/ids.ts'
import { helpdesk } from '../../../projections/registry.ts'
import { sue } from '../../support/people.ts'
import { testLog } from '../../support/projection-log.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const test = suite('read models in a reader thread')

test('a file that was made anew under the same name is read anew', () => {
  const { path, remove } = temporaryFolder()
  const file = join(path, 'read-models.db')
  const open = () => openReadModelFile(file, Object.values(helpdesk), () => undefined).db
  const log = testLog()
  log.user(sue, { type: 'SignedIn', data: {}, personal: {} })
  const first = open()
  projectionRunner(first, Object.values(helpdesk)).apply(log.events)
  const models = readOnlyModels(helpdesk)
  const isKnown = (opening: number): boolean => {
    const people = models.from({ file, opening, ready: true, progress: null, notReady: {} }).query('people')
    return E.isRight(people) && people.right.isSupport(personId('sue'))
  }
  assert.ok(isKnown(1))
  first.close()
  removeDatabase(file)
  const second = open()
  assert.not(isKnown(2))
  models.close()
  second.close()
  remove()
})

test.run()
