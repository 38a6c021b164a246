import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openSqliteEventStore } from '../../adapters/event-store/sqlite/store.ts'
import { right } from '../support/command-ports.ts'
import { launcher, ledgerdesk } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const tickets = 1_500
const customer = { id: 'u1', name: 'Ann', email: 'ann@acme.example', role: 'customer', account: 'acme' }

/** Each ticket is opened, closed, refused a comment, and reopened: a line that is issued twice would show. */
const lines = Array.from({ length: tickets }, (_, n) =>
  [
    { type: 'open', subject: `Ticket ${n}`, description: 'x', category: 'other' },
    { type: 'close' },
    { type: 'comment', body: 'Too late' },
    { type: 'reopen', body: 'Again' },
  ].map((command, step) => {
    const at = new Date(Date.parse('2020-01-01T00:00:00Z') + n * 60_000 + step).toISOString()
    return { key: `${n}/${step}`, at, ticket: `${n}`, actor: customer, command }
  }),
).flat()

const killed = suite('an import that is killed')

killed('goes on where it was, whenever it was killed, and ends as if nothing had happened', async () => {
  const folder = temporaryFolder()
  try {
    const file = join(folder.path, 'in.ndjson')
    const data = join(folder.path, 'data')
    writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    // Once early, once in the middle, once behind the first fact of progress.
    for (const reach of [200, 2_000, 5_200]) {
      const child = spawn(process.execPath, [launcher, 'import', file], {
        env: { ...process.env, LEDGERDESK_DATA: data },
        stdio: 'ignore',
      })
      const ended = once(child, 'exit')
      const watch = openSqliteEventStore({ folder: data })
      while (child.exitCode === null && Number(right(await watch.head()())) < reach) {
        await new Promise((resolve) => setImmediate(resolve))
      }
      child.kill('SIGKILL')
      await ended
      assert.is(child.signalCode, 'SIGKILL', `killed at ${reach}`)
      await watch.close()
    }
    const last = await ledgerdesk(data, 'import', file)
    assert.is(last.code, 0, last.stderr)
    const types: Record<string, number> = {}
    for (const line of (await ledgerdesk(data, 'export')).stdout.trim().split('\n')) {
      const { type }: { readonly type: string } = JSON.parse(line)
      types[type] = (types[type] ?? 0) + 1
    }
    const { ImportProgressed: _, ...others } = types
    assert.equal(others, { Opened: tickets, Closed: tickets, Reopened: tickets, CommentAdded: tickets })
    const rejects = readFileSync(`${file}.rejects.ndjson`, 'utf8').trim().split('\n')
    const rejected = rejects.map((line): unknown => JSON.parse(line).line)
    assert.is(rejects.length, tickets)
    assert.is(new Set(rejected).size, tickets)
  } finally {
    folder.remove()
  }
})

killed.run()
