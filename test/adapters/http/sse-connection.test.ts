import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { connectionTo, type Connection } from '../../../adapters/http/sse/connection.ts'

/** A real connection whose client reads only when the test says so: to its server it is as if the client were gone. */
interface Setup {
  server: Server
  client: Socket
  response: ServerResponse
  connection: Connection
}

const connection = suite<Setup>('an SSE connection')

connection.before.each(async (context) => {
  context.server = createServer()
  context.server.listen(0, '127.0.0.1')
  await once(context.server, 'listening')
  const at = context.server.address()
  if (at === null || typeof at === 'string') throw new Error('the server has no port')
  context.client = connect(at.port, '127.0.0.1').pause()
  context.client.on('error', () => undefined)
  context.client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  const [, response] = await once(context.server, 'request')
  context.response = response
  context.connection = connectionTo(context.response)
})
connection.after.each(async ({ server, client }) => {
  client.destroy()
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

const eventLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** More than Node's high-water mark, less than the connection's limit. */
const piece = 'x'.repeat(70_000)
/** After so many ms without a write the buffers of the operating system, which grow as they fill, are full. */
const stillMs = 200

/** Writes until the operating system takes no more and one piece waits. */
const fill = async ({ connection, response }: Setup): Promise<void> => {
  for (let since = performance.now(); performance.now() - since < stillMs; await eventLoop()) {
    if (response.writableLength > 0) continue
    assert.ok(connection.write(piece))
    since = performance.now()
  }
  assert.ok(response.writableLength > 0 && response.writableLength < 2 * piece.length, String(response.writableLength))
}

connection(
  'a client that reads nothing between two heartbeats is disconnected, however little waits',
  async (context) => {
    await fill(context)
    let gone = 0
    context.connection.onClosed(() => gone++)
    context.connection.closeIfStalled()
    await eventLoop()
    assert.not.ok(context.connection.isClosed(), 'it may still read')
    context.connection.closeIfStalled()
    assert.ok(context.connection.isClosed())
    await once(context.response, 'close')
    assert.is(gone, 1)
    assert.not.ok(context.connection.write('more'))
  },
)

connection('a client that reads late is not disconnected', async (context) => {
  await fill(context)
  context.connection.closeIfStalled()
  context.client.resume()
  while (context.response.writableLength > 0) await eventLoop()
  context.connection.closeIfStalled()
  context.connection.closeIfStalled()
  assert.not.ok(context.connection.isClosed())
  assert.ok(context.connection.write('more'))
})

connection('a client that does not catch up in time is disconnected', async (context) => {
  await fill(context)
  assert.not.ok(await context.connection.drained(20))
  assert.ok(context.connection.isClosed())
})

connection('when the client is lost, the connection closes and pending waits end', async (context) => {
  await fill(context)
  const drained = context.connection.drained(60_000)
  context.client.resetAndDestroy()
  assert.not.ok(await drained)
  assert.ok(context.connection.isClosed())
})

connection.run()
