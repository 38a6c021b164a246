import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const home = resolve(import.meta.dirname, '../..')

/** What README says to run against a real server; the quick ones of it unless there is time. */
const quick = ['eventstoredb-log', 'mail-facts', 'app/cluster.test']
const whole = ['eventstoredb', 'app/cluster', 'app/copy', 'shared-mail', 'mail-facts']
const files = process.env['LEDGERDESK_SOAK'] === '1' ? whole : quick

const real = suite('the tests against a server that is there already')

real('pass, and pass again where the first run left its streams', async () => {
  const server = spawn(process.execPath, [join(home, 'test/support/eventstoredb/serve.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [at] = await once(createInterface({ input: server.stdout }), 'line')
    for (let run = 0; run < 2; run++) {
      const tests = spawn(process.execPath, [join(home, 'test/run.ts'), ...files], {
        env: { ...process.env, LEDGERDESK_TEST_ESDB: String(at) },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const said = await text(tests.stdout)
      assert.match(said, /\n\d+ passed, 0 failed/, said)
    }
  } finally {
    server.kill()
  }
})

real.run()
