import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { textOf } from '../support/repository-files.ts'

const repository = resolve(import.meta.dirname, '../..')

/** The tests that docs/operations/cluster.md names for a real server; only the quick ones unless LEDGERDESK_SOAK is set. */
const [, whole = ''] = /^LEDGERDESK_TEST_ESDB=\S+ npm test -- (.+)$/m.exec(textOf('docs/operations/cluster.md')) ?? []
const quick = 'eventstoredb-log mail-outbox-log app/cluster.test'
const files = (process.env['LEDGERDESK_SOAK'] === '1' ? whole : quick).split(' ')

const real = suite('the tests against a running server')

real('pass, and pass again beside the streams of the first run', async () => {
  const server = spawn(process.execPath, [join(repository, 'test/support/eventstoredb/serve.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [connectionString] = await once(createInterface({ input: server.stdout }), 'line')
    for (let run = 0; run < 2; run++) {
      const tests = spawn(process.execPath, [join(repository, 'test/run.ts'), ...files], {
        env: { ...process.env, LEDGERDESK_TEST_ESDB: String(connectionString) },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const output = await text(tests.stdout)
      assert.match(output, /\n\d+ passed, 0 failed/, output)
    }
  } finally {
    server.kill()
  }
})

real.run()
