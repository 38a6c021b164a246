import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { paceOf, type Pace } from '../../app/import/backpressure.ts'
import { helpdesk } from '../../projections/registry.ts'
import { openReadModels } from '../../app/projections/read-models.ts'
import { opened } from '../domain/ticket/events.ts'
import { ann } from '../support/people.ts'
import { testLog } from '../support/projection-log.ts'
import { temporaryFolder } from '../support/server.ts'

const quiet = { info: () => undefined, error: () => undefined }
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const log = testLog()
for (let n = 1; n <= 4; n++) log.ticket(`T-${n}`, ann, opened(ann))
const [one, two, three] = log.events

interface Stage {
  folder: string
  /** What a server's views are given. */
  apply: (event: typeof one) => void
  pace: Pace
  close: () => Promise<void>
}

const pace = suite<Stage>('the pace of an import')
pace.before.each((stage) => {
  const { path, remove } = temporaryFolder()
  stage.folder = path
  const models = openReadModels(helpdesk, { folder: path, log: quiet, now: Date.now })
  stage.apply = (event) => models.apply(event === undefined ? [] : [event])
  stage.apply(one)
  stage.pace = paceOf(path)
  stage.close = async () => {
    stage.pace.stop()
    await models.close()
    remove()
  }
})
pace.after.each(({ close }) => close())

pace('where nobody follows it waits for nobody', async ({ folder, pace: own }) => {
  await own.caughtUp('4')
  assert.is(own.width(), 64)
  const { path, remove } = temporaryFolder()
  for (const views of [null, 'no database']) {
    if (views !== null) {
      for (const file of ['generations.db', 'read-models.db']) copyFileSync(join(folder, file), join(path, file))
      writeFileSync(join(path, 'read-models.db'), views)
    }
    const elsewhere = paceOf(path)
    await elsewhere.caughtUp('4')
    assert.is(elsewhere.width(), 64)
    elsewhere.stop()
  }
  remove()
})

pace('views that move are waited for, and told apart from those that stand still', async ({ apply, pace: own }) => {
  apply(two)
  while (own.width() !== 16) await turn()
  let isHeld = false
  const held = own.caughtUp('3').then(() => (isHeld = true))
  await own.caughtUp('2')
  assert.not.ok(isHeld)
  apply(three)
  await held
  // The server went, or rests: whoever waits goes on, and so does the import, at its full width.
  await own.caughtUp('4')
  while (own.width() !== 64) await turn()
  await own.caughtUp('4')
})

pace.run()
