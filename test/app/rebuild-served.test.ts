import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { helpdesk, reporting } from '../../projections/registry.ts'
import { clientOf } from '../support/client.ts'
import { demoClient, demoToken } from '../support/demo.ts'
import { launcher, ledgerdesk, startServer } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const opening = { subject: 'No picture', description: 'It is dark.', category: 'other' }

const names = [...Object.keys(helpdesk), ...Object.keys(reporting)]

const served = suite('rebuilding beside a running server')

served('commands and lists go on, the server swaps to the new file, and nothing differs', async () => {
  const folder = temporaryFolder()
  const server = await startServer(folder.path)
  try {
    const ann = await demoClient(server, folder.path, 'Ann Archer')
    const total = async (): Promise<number> => Number((await ann.get('/v1/tickets')).body['total'])
    for (let n = 0; n < 20; n++) await ann.post('/v1/tickets', opening)
    let [count, done] = [20, false]
    const working = (async () => {
      while (!done) {
        assert.is((await ann.post('/v1/tickets', opening)).status, 201)
        assert.is(await total(), ++count, 'what was done shows at once')
      }
    })()
    const rebuilt = await ledgerdesk(folder.path, 'rebuild')
    assert.is(rebuilt.code, 0, rebuilt.stderr)
    const { projections, events } = JSON.parse(rebuilt.stdout)
    assert.equal(projections, names)
    assert.ok(events >= 21)
    const [first, second] = ['read-models.db', 'read-models-2.db'].map((file) => join(folder.path, file))
    await until(() => !existsSync(first ?? ''))
    assert.ok(existsSync(second ?? ''))
    const check = await ledgerdesk(folder.path, 'rebuild', '--check')
    assert.is(check.code, 0, check.stderr)
    done = true
    await working
    const shown = JSON.parse((await ledgerdesk(folder.path, 'projections')).stdout).items
    assert.equal(shown.map(({ name }: { name: string }) => name).toSorted(), names.toSorted())
  } finally {
    await server.stop()
    folder.remove()
  }
})

served(
  'a killed rebuild leaves the live files as they were; --check names what differs, and a rebuild repairs it',
  async () => {
    const folder = temporaryFolder()
    const server = await startServer(folder.path)
    try {
      const ann = await demoClient(server, folder.path, 'Ann Archer')
      for (let n = 0; n < 5; n++) await ann.post('/v1/tickets', opening)
      await server.stop()
      const killed = spawn(process.execPath, [launcher, 'rebuild'], {
        env: { ...process.env, LEDGERDESK_DATA: folder.path },
        stdio: 'ignore',
      })
      const draft = join(folder.path, 'read-models.draft')
      while (!existsSync(draft) && killed.exitCode === null) await new Promise((resolve) => setImmediate(resolve))
      killed.kill('SIGKILL')
      await once(killed, 'exit')
      assert.is((await ledgerdesk(folder.path, 'rebuild', '--check')).code, 0)

      // The rebuild may have ended a moment before it was killed.
      const next = join(folder.path, 'read-models-2.db')
      const db = new Sqlite(existsSync(next) ? next : join(folder.path, 'read-models.db'))
      db.exec("UPDATE tickets SET status = 'closed'")
      db.close()
      const differs = await ledgerdesk(folder.path, 'rebuild', '--check', 'tickets', 'reading')
      assert.is(differs.code, 1)
      assert.equal(
        JSON.parse(differs.stdout).items.map(({ name, same }: { name: string; same: boolean }) => [name, same]),
        [
          ['tickets', false],
          ['reading', true],
        ],
      )
      assert.match(differs.stderr, 'tickets: not what the log says')
      assert.is((await ledgerdesk(folder.path, 'rebuild', 'tickets')).code, 0)
      assert.is((await ledgerdesk(folder.path, 'rebuild', '--check')).code, 0)
      assert.match((await ledgerdesk(folder.path, 'rebuild', 'nonsense')).stderr, 'there is no projection "nonsense"')
    } finally {
      await server.kill()
      folder.remove()
    }
  },
)

served('a server with another version of a read model rebuilds it, and answers meanwhile', async () => {
  const folder = temporaryFolder()
  let server = await startServer(folder.path)
  try {
    const token = await demoToken(folder.path, 'Ann Archer')
    await clientOf(server.url, token).post('/v1/tickets', opening)
    await server.stop()
    const db = new Sqlite(join(folder.path, 'read-models.db'))
    db.exec("UPDATE checkpoints SET version = 1 WHERE projection = 'tickets'; UPDATE tickets SET subject = 'Of old'")
    db.close()
    server = await startServer(folder.path)
    const ann = clientOf(server.url, token)
    const subject = async (): Promise<unknown> => {
      const { items } = (await ann.get('/v1/tickets')).body
      return Array.isArray(items) ? items[0]?.subject : undefined
    }
    const seen = new Set<unknown>()
    for (let n = 0; n < 2_000 && !seen.has('No picture'); n++) seen.add(await subject())
    assert.equal([...seen].at(-1), 'No picture')
    assert.not(seen.has(undefined), 'always an answer')
  } finally {
    await server.stop()
    folder.remove()
  }
})

served.run()
