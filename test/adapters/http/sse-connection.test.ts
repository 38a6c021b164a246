import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sinkTo, type Sink } from '../../../adapters/http/sse/connection.ts'

/** A real connection whose client reads only when told: to its server that is as if the client were dead. */
interface Line {
  server: Server
  client: Socket
  response: ServerResponse
  sink: Sink
}

const line = suite<Line>('a stream to one client')

line.before.each(async (context) => {
  context.server = createServer()
  context.server.listen(0, '127.0.0.1')
  await once(context.server, 'listening')
  const at = context.server.address()
  if (at === null || typeof at === 'string') throw new Error('it listens nowhere')
  context.client = connect(at.port, '127.0.0.1').pause()
  context.client.on('error', () => undefined)
  context.client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  const [, response] = await once(context.server, 'request')
  context.response = response
  context.sink = sinkTo(context.response)
})
line.after.each(async ({ server, client }) => {
  client.destroy()
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** More than Node calls full, less than is ever kept for a client. */
const piece = 'x'.repeat(70_000)
/** So long nothing goes out once the system's own buffers, which grow as they fill, take no more; in ms. */
const stillMs = 200

/** Writes until the system takes no more: one piece waits. */
const stuff = async ({ sink, response }: Line): Promise<void> => {
  for (let since = performance.now(); performance.now() - since < stillMs; await turn()) {
    if (response.writableLength > 0) continue
    assert.ok(sink.write(piece))
    since = performance.now()
  }
  assert.ok(response.writableLength > 0 && response.writableLength < 2 * piece.length, String(response.writableLength))
}

line('that takes nothing between two heartbeats is cut off, however little waits', async (context) => {
  await stuff(context)
  let gone = 0
  context.sink.onGone(() => gone++)
  context.sink.prod()
  await turn()
  assert.not.ok(context.sink.isGone(), 'it may still take it')
  context.sink.prod()
  assert.ok(context.sink.isGone())
  await once(context.response, 'close')
  assert.is(gone, 1)
  assert.not.ok(context.sink.write('more'))
})

line('that reads late is not cut off', async (context) => {
  await stuff(context)
  context.sink.prod()
  context.client.resume()
  while (context.response.writableLength > 0) await turn()
  context.sink.prod()
  context.sink.prod()
  assert.not.ok(context.sink.isGone())
  assert.ok(context.sink.write('more'))
})

line('that does not take what it missed in time is cut off', async (context) => {
  await stuff(context)
  assert.not.ok(await context.sink.drained(20))
  assert.ok(context.sink.isGone())
})

line('whose client is lost is over, and all that waits for it', async (context) => {
  await stuff(context)
  const drained = context.sink.drained(60_000)
  context.client.resetAndDestroy()
  assert.not.ok(await drained)
  assert.ok(context.sink.isGone())
})

line.run()
