import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openSqliteEventStore } from '../../adapters/event-store/sqlite/store.ts'
import { writeLog } from '../bench/write-log.ts'
import { clientOf } from '../support/client.ts'
import { demoToken } from '../support/demo.ts'
import { freePort } from '../support/free-port.ts'
import { spawnServer, startServer } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

/** Real servers that are told to end at any moment: they end by themselves, with status 0. */
const lifecycle = suite('start and stop')

/** A data folder whose read models are not made yet. */
const folderWithEvents = async (events: number) => {
  const folder = temporaryFolder()
  const store = openSqliteEventStore({ folder: folder.path })
  await writeLog(store, ['The stream is dark since noon, please advise.'], 10, events)
  await store.close()
  return folder
}

const answered = async (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  )

lifecycle('at any moment of the start', async () => {
  const folder = await folderWithEvents(20_000)
  let longest = 0
  for (let ms = 0; ms < 4_000; ms += 250) {
    const server = await spawnServer(folder.path, { LOG_LEVEL: 'info' })
    // The launcher handles signals from its first line on; before it, the system's default is all there is.
    await wait(ms + 150)
    const told = performance.now()
    server.process.kill('SIGTERM')
    const code = await server.ended
    longest = Math.max(longest, performance.now() - told)
    assert.ok(code === 0 || ms === 0, `${ms} ms after the start: ${code}, ${server.process.signalCode}`)
  }
  console.log(`measured: a start ended at most ${Math.round(longest)} ms after the signal`)
  folder.remove()
})

lifecycle('while a thread rebuilds read models, of which probes and refusals say how far they are', async () => {
  const folder = await folderWithEvents(60_000)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server = await spawnServer(folder.path, { PORT: `${port}` })
  await until(() => answered(`${url}/healthz`))
  await until(async () => {
    const response = await fetch(`${url}/readyz`)
    const { status, progress } = (await response.json()) as { status: string; progress: number | null }
    assert.is(response.status, status === 'ready' ? 200 : 503)
    assert.is.not(status, 'ready', 'the log is too short for this test')
    return status === 'catching-up' && progress !== null && progress > 0 && progress < 1
  })
  const refused = await clientOf(url, await demoToken(folder.path, 'Ann Archer')).get('/v1/tickets')
  assert.is(refused.status, 503)
  assert.match(JSON.stringify(refused.body), /not-ready.*% done/)
  server.process.kill('SIGTERM')
  assert.is(await server.ended, 0)
  folder.remove()
})

lifecycle('while the cluster of its log cannot be reached', async () => {
  const folder = temporaryFolder()
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const nowhere = `esdb://127.0.0.1:${await freePort()}?tls=false`
  const server = await spawnServer(folder.path, { PORT: `${port}`, LEDGERDESK_EVENT_STORE: nowhere })
  await until(() => answered(`${url}/healthz`))
  assert.is((await fetch(`${url}/readyz`)).status, 503)
  server.process.kill('SIGTERM')
  assert.is(await server.ended, 0)
  folder.remove()
})

lifecycle('while the mail server accepts a connection and says nothing', async () => {
  const folder = temporaryFolder()
  const sockets: { destroy: () => void }[] = []
  const mails = createServer((socket) => void sockets.push(socket.on('error', () => undefined))).listen(0, '127.0.0.1')
  await once(mails, 'listening')
  const { port } = mails.address() as AddressInfo
  const server = await startServer(folder.path, { LEDGERDESK_SMTP_URL: `smtp://127.0.0.1:${port}` })
  const sue = clientOf(server.url, await demoToken(folder.path, 'Sue Singh'))
  const opened = await sue.post('/v1/tickets', {
    subject: 'No picture',
    description: 'It is dark.',
    category: 'other',
    requester: { id: 'ann', name: 'Ann Archer', email: 'ann@acme.example', account: 'acme' },
  })
  assert.is(opened.status, 201)
  await until(() => sockets.length > 0)
  assert.is(await server.stop(), 0)
  for (const socket of sockets) socket.destroy()
  mails.close()
  folder.remove()
})

/** Connections that would each keep a server from ending. */
const hold = async (url: string, token: string) => {
  const open = (text: string) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.on('error', () => undefined).write(text)
    return socket
  }
  const head = (request: string, ...headers: readonly string[]): string =>
    [request, 'Host: localhost', `Authorization: Bearer ${token}`, ...headers, '', ''].join('\r\n')
  const form = 'Content-Type: multipart/form-data; boundary=edge'
  const part = '--edge\r\nContent-Disposition: form-data; name="file"; filename="log.txt"\r\n\r\n'
  const sockets = [
    open(''),
    open(head('GET /healthz HTTP/1.1')),
    open(head('GET /v1/live HTTP/1.1')),
    open('GET /v1/tickets HTTP/1.1\r\nHost:'),
    open(head('POST /v1/tickets HTTP/1.1', 'Content-Type: application/json', 'Content-Length: 1000') + '{"subject"'),
    open(head('POST /v1/files HTTP/1.1', form, 'Content-Length: 100000') + part),
    // Refused by its name with most of its bytes unread.
    open(head('POST /v1/files HTTP/1.1', form, 'Content-Length: 100000') + part.replace('.txt', '.exe')),
    open(head('POST /v1/nothing HTTP/1.1', 'Content-Length: 100000') + 'x'.repeat(70_000)),
    // Never read.
    open(head('GET /openapi.json HTTP/1.1').repeat(50)).pause(),
  ]
  const slow = setInterval(() => sockets[5]?.write('slow bytes '), 20)
  await wait(300)
  return () => {
    clearInterval(slow)
    for (const socket of sockets) socket.destroy()
  }
}

lifecycle('whatever clients hold open', async () => {
  const folder = temporaryFolder()
  const server = await startServer(folder.path)
  const release = await hold(server.url, await demoToken(folder.path, 'Ann Archer'))
  const told = performance.now()
  assert.is(await server.stop(), 0)
  console.log(`measured: it ended ${Math.round(performance.now() - told)} ms after the signal`)
  release()
  folder.remove()
})

lifecycle('a second signal ends it at once', async () => {
  const folder = temporaryFolder()
  const server = await startServer(folder.path)
  const release = await hold(server.url, await demoToken(folder.path, 'Ann Archer'))
  const ended = once(server.process, 'exit')
  server.process.kill('SIGTERM')
  await until(async () => !(await answered(`${server.url}/healthz`)))
  server.process.kill('SIGINT')
  assert.equal(await ended, [null, 'SIGINT'])
  release()
  folder.remove()
})

lifecycle.run()
