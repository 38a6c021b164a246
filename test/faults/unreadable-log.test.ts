import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import Sqlite from 'better-sqlite3'
import { join } from 'node:path'
import { auditSqliteLog } from '../../adapters/event-store/sqlite/audit.ts'
import { openSqliteEventStore } from '../../adapters/event-store/sqlite/store.ts'
import { sha256 } from '../../adapters/crypto.ts'
import { openReadModels } from '../../app/projections/read-models.ts'
import { verifyLog } from '../../app/proof/verify.ts'
import { helpdesk } from '../../projections/registry.ts'
import { commentAdded, opened } from '../domain/ticket/events.ts'
import { right } from '../support/command-ports.ts'
import { damagePage } from '../support/damaged-log.ts'
import { bob } from '../support/people.ts'
import { testLog } from '../support/projection-log.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

interface Setup {
  folder: ReturnType<typeof temporaryFolder>
}

const test = suite<Setup>('a log with a page that cannot be read')

test.before.each(async (context) => {
  context.folder = temporaryFolder()
  const log = testLog()
  for (let n = 0; n < 40; n++) {
    log.ticket(`T-0000000${n % 10}`, bob, ...(n < 10 ? [opened(bob)] : [commentAdded('so long a text '.repeat(40))]))
  }
  const store = openSqliteEventStore({ folder: context.folder.path })
  for (const event of log.events) right(await store.append(event.stream, event.version - 1, [event])())
  await store.close()
})
test.after.each(({ folder }) => folder.remove())

test('read models hold what stands before it, are kept, and go on when it is back; one line says what is wrong', async ({
  folder: { path: folder },
}) => {
  const { firstLost, repair } = damagePage(folder, 1)
  const logged: (readonly [fields: object, message: string])[] = []
  const store = openSqliteEventStore({ folder })
  const models = openReadModels(helpdesk, {
    folder,
    log: {
      info: (...line) => void logged.push(line),
      error: (...line) => void logged.push(line),
    },
    now: Date.now,
  })
  const linesWith = (text: string) => logged.filter(([, message]) => message.includes(text))
  try {
    const started = models.start(store)
    await until(() => models.checkpoint() === String(firstLost - 1) && models.lagSeconds() > 2)
    assert.not(models.ready())
    assert.equal(linesWith('made again'), [])
    const [line, ...others] = linesWith('the log, which cannot be read')
    assert.equal(others, [])
    assert.match(
      JSON.stringify(line),
      new RegExp(`the event after position ${firstLost - 1} of log\\.db .*ledgerdesk verify`),
    )
    repair()
    await started
    assert.is(models.checkpoint(), '40')
    assert.ok(models.ready())
    assert.is(models.lagSeconds(), 0)
    assert.is(linesWith('follow the log again').length, 1)
  } finally {
    await models.close()
    await store.close()
  }
})

test('verify names the first position that cannot be read', async ({ folder: { path: folder } }) => {
  const { firstLost, repair } = damagePage(folder, 2)
  const db = new Sqlite(join(folder, 'log.db'), { readonly: true })
  const verdict = await verifyLog(sha256, auditSqliteLog(db), { heads: [], leaves: [] })
  assert.equal([verdict.events, verdict.firstBad], [firstLost - 1, String(firstLost)])
  db.close()
  repair()
})

test.run()
