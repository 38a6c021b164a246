import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { demoClient } from '../support/demo.ts'
import { ledgerdesk, startServer } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const keys = suite('keys of a running server')

keys('are rotated while it runs: sessions go on, and with --revoke end at once', async () => {
  const folder = temporaryFolder()
  const server = await startServer(folder.path)
  try {
    const begun = await fetch(`${server.url}/v1/session`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: server.url },
      body: '{"person":"sue"}',
    })
    const cookie = begun.headers.get('set-cookie')?.split(';', 1).join() ?? ''
    const statuses = async () => [
      (await fetch(`${server.url}/v1/me`, { headers: { Cookie: cookie } })).status,
      (await ann.get('/v1/me')).status,
    ]
    const ann = await demoClient(server, folder.path, 'Ann Archer')
    assert.equal(await statuses(), [200, 200])
    assert.match(
      (await ledgerdesk(folder.path, 'keys', 'rotate')).stdout,
      /^new keys in .*keys\.json; the old ones are/,
    )
    assert.equal(await statuses(), [200, 200])
    assert.is((await (await demoClient(server, folder.path, 'Sue Singh')).get('/v1/me')).status, 200)
    assert.is((await ledgerdesk(folder.path, 'keys', 'rotate', '--revoke')).code, 0)
    assert.equal(await statuses(), [401, 401])
  } finally {
    await server.stop()
    folder.remove()
  }
})

for (const [name, command] of [
  ['keys.json', ['token', '--demo', 'Ann Archer']],
  ['tree-key', ['head']],
] as const) {
  keys(`a start is refused where others can read ${name}`, async () => {
    const folder = temporaryFolder()
    try {
      await (await startServer(folder.path)).stop()
      assert.is((await ledgerdesk(folder.path, ...command)).code, 0)
      chmodSync(join(folder.path, name), 0o640)
      const { code, stderr } = await ledgerdesk(folder.path, 'serve')
      assert.is(code, 1)
      assert.match(
        stderr,
        new RegExp(`^ledgerdesk: .*${name} can be read or written by others: run chmod 600 on it\\n$`, 'm'),
      )
    } finally {
      folder.remove()
    }
  })
}

keys.run()
