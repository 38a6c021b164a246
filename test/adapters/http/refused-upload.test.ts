import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { left } from 'fp-ts/lib/Either.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { FilePort } from '../../../adapters/http/ports.ts'
import { startHttp } from '../../support/http-server.ts'
import { until } from '../../support/until.ts'

const refusing = suite('a refused upload')

/** A store on a full disk: it refuses a file once more of it has arrived than was read. */
const fullDisk: FilePort = {
  take: async (source) => {
    await source[Symbol.asyncIterator]().next()
    await wait(100)
    return left({ tag: 'StorageFull' })
  },
  forget: () => Promise.resolve(),
  pathOf: () => Promise.resolve(null),
}

const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length

const form = (size: number): FormData => {
  const body = new FormData()
  body.append('file', new Blob([new Uint8Array(size)]), 'log.txt')
  return body
}

refusing('leaves no timer and no open request, whatever was read of it', async () => {
  const http = await startHttp({ files: fullDisk, graceMs: 1_000_000 })
  const before = timers()
  for (const size of [10, 40_000, 70_000, 90_000, 130_000, 200_000, 1_000_000, 8_000_000]) {
    const response = await fetch(`${http.url}/v1/files`, {
      method: 'POST',
      headers: http.bearer('ann'),
      body: form(size),
    })
    assert.is(response.status, 503, `${size}`)
    assert.match(await response.text(), /storage-full/)
  }
  await http.close()
  await until(() => timers() <= before)
})

refusing('whose client sends no more is cut off within the linger', async () => {
  const http = await startHttp({ files: fullDisk })
  const before = timers()
  const socket = connect(Number(new URL(http.url).port), '127.0.0.1')
  const [[name, token] = []] = Object.entries(http.bearer('ann'))
  socket.write(
    `POST /v1/files HTTP/1.1\r\nHost: localhost\r\n${name}: ${token}\r\nContent-Length: 5000000\r\n` +
      'Content-Type: multipart/form-data; boundary=edge\r\n\r\n' +
      '--edge\r\nContent-Disposition: form-data; name="file"; filename="log.txt"\r\n\r\nsome bytes',
  )
  const [answer] = await once(socket, 'data')
  assert.match(String(answer), /^HTTP\/1\.1 503 /)
  await once(socket, 'close')
  await until(() => timers() <= before)
  await http.close()
})

refusing('that was cut off by the end of the server leaves no timer', async () => {
  const http = await startHttp({ graceMs: 50 })
  const before = timers()
  const [[name, token] = []] = Object.entries(http.bearer('ann'))
  const socket = connect(Number(new URL(http.url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(
    `POST /v1/tickets HTTP/1.1\r\nHost: localhost\r\n${name}: ${token}\r\nContent-Length: 500\r\n` +
      'Content-Type: application/json\r\n\r\n{"subject"',
  )
  await until(() => timers() > before)
  await http.close()
  for (let n = 0; n < 50; n++) await new Promise((resolve) => setImmediate(resolve))
  assert.is(timers(), before)
})

refusing.run()
