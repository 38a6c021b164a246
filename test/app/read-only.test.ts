import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { clientOf } from '../support/client.ts'
import { demoToken } from '../support/demo.ts'
import { spawnServer } from '../support/server.ts'
import { skipHere } from '../support/skips.ts'
import { smallDisk } from '../support/small-disk.ts'
import { until } from '../support/until.ts'

/** A real server on a disk that becomes full. */
const readOnly = suite('a server that is read-only')

const disk = smallDisk(16_384)
if (disk === null) skipHere(import.meta.filename)
else {
  readOnly('says so while its disk is full, goes on reading, and writes again once there is room', async () => {
    const data = join(disk.path, 'data')
    const server = await spawnServer(data, { LOG_LEVEL: 'warn' })
    let errors = ''
    server.process.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()))
    const url = await server.serving
    const ann = clientOf(url, await demoToken(data, 'Ann Archer'))
    const open = (subject: string) =>
      ann.post('/v1/tickets', { subject, description: 'x'.repeat(15_000), category: 'other' })
    const readiness = async () => {
      const response = await fetch(`${url}/readyz`)
      return { code: response.status, ...((await response.json()) as { status: string; reason: string | null }) }
    }
    assert.is((await open('Before')).status, 201)
    assert.is((await readiness()).code, 200)

    disk.fill('filler')
    await until(async () => (await open('On a full disk')).status === 503)
    assert.equal(await readiness(), {
      code: 503,
      status: 'read-only',
      reason: 'the log cannot be written: the disk is full',
      progress: null,
    })
    assert.is((await ann.get('/v1/tickets')).status, 200)
    const form = new FormData()
    form.append('file', new Blob(['hello']), 'log.txt')
    const upload = await fetch(`${url}/v1/files`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${await demoToken(data, 'Ann Archer')}` },
      body: form,
    })
    assert.is(upload.status, 503)
    assert.match(await upload.text(), /storage-full/)
    assert.match(await (await fetch(`${url}/metrics`)).text(), /ledgerdesk_state\{state="read-only"\} 1/)

    rmSync(join(disk.path, 'filler'))
    // No command comes: the server looks by itself.
    await until(async () => (await readiness()).code === 200)
    assert.is((await open('Afterwards')).status, 201)
    server.process.kill('SIGTERM')
    assert.is(await server.ended, 0)
    const lines = errors.split('\n').filter((line) => line.includes('"state":"read-only"'))
    assert.is(lines.length, 1, errors)
    assert.match(lines[0] ?? '', /"level":50.*the disk is full/)
  })
  readOnly.after(() => disk.remove())
}

readOnly.run()
