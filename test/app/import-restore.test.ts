import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { restore } from '../../app/import/restore.ts'
import { sha256 } from '../../adapters/crypto.ts'
import { start } from '../../domain/event-log/envelope.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { toExportJson } from '../../domain/event-log/export-json.ts'
import { right } from '../support/command-ports.ts'
import { write } from '../support/event-builder.ts'
import { streamName } from '../support/ids.ts'
import { memoryEventStore } from '../support/memory-event-store.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const restoring = suite<{ file: string; remove: () => void }>('restoring exported events')
restoring.before.each((context) => {
  const { path, remove } = temporaryFolder()
  context.file = join(path, 'events.ndjson')
  context.remove = remove
})
restoring.after.each(({ remove }) => remove())

const fill = async (store: EventStore, ...bodies: readonly string[]): Promise<void> => {
  for (const [n, body] of bodies.entries()) {
    right(await write(store, streamName(`ticket-T-0000000${(n % 2) + 1}`), `c${n}`, body))
  }
}

const logOf = async (store: EventStore) => right(await store.readLog(start, 1_000)())

const exportTo = async (file: string, store: EventStore): Promise<void> =>
  writeFileSync(file, (await logOf(store)).map((event) => `${JSON.stringify(toExportJson(event))}\n`).join(''))

const hashesOf = async (store: EventStore): Promise<readonly string[]> => (await logOf(store)).map(({ hash }) => hash)

restoring('goes on where the log is a beginning of the file, and adds nothing where it has all', async ({ file }) => {
  const source = memoryEventStore()
  await fill(source, 'one', 'two', 'three', 'four')
  await exportTo(file, source)
  const target = memoryEventStore()
  for (const { personal, salt, ...event } of (await logOf(source)).slice(0, 2)) {
    const sealed = { ...event, personal: personal ?? '', salt: salt ?? '' }
    right(await target.append(event.stream, event.version - 1, [sealed])())
  }
  for (const _ of [1, 2]) {
    assert.equal(await restore(target, sha256, file), { events: 4 })
    assert.equal(await hashesOf(target), await hashesOf(source))
  }
})

restoring('is refused where the log is no beginning of the file, and changes nothing', async ({ file }) => {
  const source = memoryEventStore()
  await fill(source, 'one', 'two')
  await exportTo(file, source)
  const target = memoryEventStore()
  right(await write(target, streamName('ticket-T-00000009'), 'other', 'something else'))
  const before = await hashesOf(target)
  try {
    await restore(target, sha256, file)
    assert.unreachable('it was restored at other positions')
  } catch (error) {
    assert.match(String(error), /position 1 has another event/)
  }
  assert.equal(await hashesOf(target), before)
})

restoring.run()
