import { connect, type Socket } from 'node:net'
import { right } from 'fp-ts/lib/Either.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { acmeTicket, startHttp, type HttpTestServer } from '../../support/http-server.ts'
import { until } from '../../support/until.ts'

const unread = suite<{ http: HttpTestServer; sockets: Socket[] }>('answers that nobody reads')

const bundle = 'x'.repeat(25 * 1024 * 1024)
const path = `/v1/tickets/${acmeTicket}/proof`

unread.before.each(async (context) => {
  context.sockets = []
  context.http = await startHttp({ prove: () => Promise.resolve(right(bundle)), idleMs: 5_000 })
})
unread.after.each(async ({ http, sockets }) => {
  for (const socket of sockets) socket.destroy()
  await http.close()
})

/** Requests the bundle on a connection of its own, and reads nothing of the answer. */
const requestUnread = (http: HttpTestServer, sockets: Socket[], by: string): void => {
  const { hostname, port } = new URL(http.url)
  const socket = connect(Number(port), hostname)
  sockets.push(socket)
  socket.pause()
  const { Authorization } = http.bearer(by)
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: ${Authorization}\r\n\r\n`)
}

unread('count for their caller alone, and are given up after a while', async ({ http, sockets }) => {
  const status = async (by: string): Promise<number> => {
    const response = await fetch(http.url + path, { headers: http.bearer(by) })
    await response.arrayBuffer()
    return response.status
  }
  await until(async () => {
    for (let n = 0; n < 3; n++) requestUnread(http, sockets, 'sue')
    return (await status('sue')) === 503
  })
  assert.is(await status('ada'), 200, 'another caller')
  await until(async () => (await status('sue')) === 200)
})

unread.run()
