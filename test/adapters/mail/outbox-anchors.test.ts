import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openOutboxFile } from '../../../adapters/mail/outbox-schema.ts'
import { outboxIn } from '../../../adapters/mail/outbox.ts'
import { positionOf } from '../../../domain/event-log/envelope.ts'
import { streamName } from '../../support/ids.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const anchors = suite('anchors of the outbox')

const batches = 5_000

anchors('of the batches all late ones are kept, and of earlier ones so many that none is far away', () => {
  const folder = temporaryFolder()
  const db = openOutboxFile(folder.path)
  db.pragma('synchronous = OFF')
  const outbox = outboxIn(db)
  for (let n = 1; n <= batches; n++) {
    outbox.enqueue([], { log: 'l', position: positionOf(n), stream: streamName('s'), version: n, hash: String(n) })
  }
  const kept = outbox.anchors().map(({ version }) => version)
  assert.is(outbox.position(), positionOf(batches))
  assert.is(kept.at(-1), batches)
  assert.ok(kept.length < 64 * 10, `${kept.length} anchors of ${batches}`)
  for (const [at, version] of kept.entries()) {
    const next = kept[at + 1] ?? version + 1
    const back = batches - version
    assert.ok(next - version <= Math.max(1, back / 16), `none between ${version} and ${next}`)
  }
  db.close()
  folder.remove()
})

anchors.run()
