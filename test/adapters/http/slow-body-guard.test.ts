import { once } from 'node:events'
import { createServer, request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { guardSlowBody } from '../../../adapters/http/body.ts'

const guard = suite('the slow-body guard')

const windowMs = 100

/** A guarded server, and a request whose body is not sent yet. */
const begun = async (length: number) => {
  const ended: string[] = []
  const server = createServer((incoming: IncomingMessage, response) => {
    guardSlowBody(incoming, windowMs)
    incoming.on('end', () => response.end(() => ended.push('whole')))
    incoming.on('close', () => incoming.complete || ended.push('cut off'))
    incoming.resume()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const sending = request({ port, host: '127.0.0.1', method: 'POST', headers: { 'content-length': length } })
  return { sending, ended, close: () => once(server.close(), 'close') }
}

guard('a body that arrives byte by byte is cut off', async () => {
  const { sending, ended, close } = await begun(100_000)
  const bytes = setInterval(() => sending.write('a'), 10)
  await once(sending, 'error')
  clearInterval(bytes)
  await close()
  assert.equal(ended, ['cut off'])
})

guard('a body that arrives steadily is not, however long it takes', async () => {
  const { sending, ended, close } = await begun(60 * 20_000)
  let left = 60
  const steps = setInterval(() => {
    sending.write(Buffer.alloc(20_000))
    if (--left > 0) return
    clearInterval(steps)
    sending.end()
  }, 10)
  const [response] = await once(sending, 'response')
  response.resume()
  await once(response, 'end')
  await close()
  assert.equal(ended, ['whole'])
})

guard.run()
