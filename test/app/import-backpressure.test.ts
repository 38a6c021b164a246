import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { backpressureOf, type Backpressure } from '../../app/import/backpressure.ts'
import { helpdesk } from '../../projections/registry.ts'
import { openReadModels } from '../../app/projections/read-models.ts'
import { opened } from '../domain/ticket/events.ts'
import { position } from '../support/ids.ts'
import { ann } from '../support/people.ts'
import { testLog } from '../support/projection-log.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const quiet = { info: () => undefined, error: () => undefined }
const nextTick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const log = testLog()
for (let n = 1; n <= 4; n++) log.ticket(`T-${n}`, ann, opened(ann))
const [one, two, three] = log.events

interface Setup {
  folder: string
  /** Feeds an event to a server's read models. */
  apply: (event: typeof one) => void
  backpressure: Backpressure
  close: () => Promise<void>
}

const backpressure = suite<Setup>('backpressure of an import')
backpressure.before.each((setup) => {
  const { path, remove } = temporaryFolder()
  setup.folder = path
  const models = openReadModels(helpdesk, { folder: path, log: quiet, now: Date.now })
  setup.apply = (event) => models.apply(event === undefined ? [] : [event])
  setup.apply(one)
  setup.backpressure = backpressureOf(path)
  setup.close = async () => {
    setup.backpressure.stop()
    await models.close()
    remove()
  }
})
backpressure.after.each(({ close }) => close())

backpressure('without a server it does not wait', async ({ folder, backpressure: own }) => {
  await own.caughtUp(position('4'))
  assert.is(own.concurrency(), 64)
  const { path, remove } = temporaryFolder()
  for (const content of [null, 'no database']) {
    if (content !== null) {
      for (const file of ['generations.db', 'read-models.db']) copyFileSync(join(folder, file), join(path, file))
      writeFileSync(join(path, 'read-models.db'), content)
    }
    const elsewhere = backpressureOf(path)
    await elsewhere.caughtUp(position('4'))
    assert.is(elsewhere.concurrency(), 64)
    elsewhere.stop()
  }
  remove()
})

backpressure(
  'read models whose checkpoints move are waited for, others are not',
  async ({ apply, backpressure: own }) => {
    apply(two)
    while (own.concurrency() !== 16) await nextTick()
    let isHeld = false
    const held = own.caughtUp(position('3')).then(() => (isHeld = true))
    await own.caughtUp(position('2'))
    assert.not.ok(isHeld)
    apply(three)
    await held
    // The server has ended, or has nothing to do: the import goes on at full concurrency.
    await own.caughtUp(position('4'))
    while (own.concurrency() !== 64) await nextTick()
    await own.caughtUp(position('4'))
  },
)

backpressure.run()
