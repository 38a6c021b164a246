import { connect } from 'node:net'
import { once } from 'node:events'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createHub } from '../../../adapters/http/sse/broadcaster.ts'
import type { Hub } from '../../../adapters/http/sse/live.ts'
import type { FreshNotification, Views } from '../../../adapters/http/views.ts'
import { ticketStream } from '../../../domain/ids.ts'
import { write } from '../../support/event-builder.ts'
import { listen } from '../../support/event-stream.ts'
import { acmeTicket, ann, globexTicket, startHttp, type HttpTestServer } from '../../support/http-server.ts'
import { memoryEventStore } from '../../support/memory-event-store.ts'

/** The hub alone, over a log in memory and views that are made up. */
interface Stage {
  http: HttpTestServer
  hub: Hub
  store: ReturnType<typeof memoryEventStore>
  told: Map<string, Omit<FreshNotification, 'position'>>
  waiting: number
  broken: boolean
  failures: unknown[]
}

const live = suite<Stage>('live updates')

const forAnn = { account: 'acme', reader: 'ann', ticket: acmeTicket, actor: 'sue', at: '2024-05-01T11:00:00.000Z' }
const fresh = (id: string, subject = 'No video'): Omit<FreshNotification, 'position'> => ({
  ...forAnn,
  id,
  subject,
  kinds: ['support_commented'],
  seen: false,
})

live.before.each(async (stage) => {
  stage.told = new Map()
  stage.waiting = 0
  stage.broken = false
  stage.failures = []
  stage.store = memoryEventStore()
  stage.http = await startHttp({
    live: {
      isOpen: () => stage.hub.isOpen(),
      knows: (id) => stage.hub.knows(id),
      join: (listener, after) => stage.hub.join(listener, after),
    },
  })
  const views: Views = {
    ...stage.http.views,
    waitFor: () => Promise.resolve(true),
    counters: () => ({ waiting: stage.waiting, unreadTickets: 0, unreadNotifications: 0 }),
    accountOf: (ticket) => {
      if (stage.broken) throw new Error('the views broke')
      return ticket === acmeTicket ? 'acme' : 'globex'
    },
    freshNotifications: (after, upTo) =>
      [...stage.told].flatMap(([position, row]) =>
        BigInt(position) > BigInt(after) && BigInt(position) <= BigInt(upTo) ? [{ ...row, position }] : [],
      ),
  }
  stage.hub = createHub(views, { failed: (error) => stage.failures.push(error), heartbeatMs: 30 })
  await stage.hub.start(stage.store)
})
live.after.each(async ({ http, hub }) => {
  await hub.close()
  await http.close()
})

const change = async (stage: Stage, ticket: string, command: string, ...bodies: readonly string[]): Promise<void> => {
  await write(stage.store, ticketStream(ticket), command, ...bodies)
}
const told = (messages: readonly { readonly event: string; readonly data: Record<string, unknown> }[]): unknown[] =>
  messages.flatMap(({ event, data }) => (event === 'counters' ? [] : [`${event} ${data['version'] ?? data['id']}`]))

live('an append is one message, and one more for each who is told of it', async (stage) => {
  const stream = await listen(stage.http.url, stage.http.bearer('ann'))
  assert.equal([stream.status, stream.mediaType], [200, 'text/event-stream'])
  await stream.until((messages) => messages.some(({ event }) => event === 'counters'))
  stage.told.set('1', fresh('n-1'))
  stage.waiting = 1
  await change(stage, acmeTicket, 'one', 'a', 'b')
  await stream.until((messages) => messages.some(({ data }) => data['waiting'] === 1))
  assert.equal(
    stream.messages.map(({ id, event, data }) => ({ id: id.replace(/\.[\da-f]{12}$/, ''), event, data })),
    [
      { id: '0.0', event: 'counters', data: { waiting: 0, unreadTickets: 0, unreadNotifications: 0 } },
      { id: '0.1', event: 'ticket', data: { id: acmeTicket, version: 2 } },
      {
        id: '2.0',
        event: 'notification',
        data: {
          id: 'n-1',
          kind: 'support_commented',
          also: [],
          ticket: { id: acmeTicket, subject: 'No video' },
          actor: { id: 'sue', name: 'Sue Singh' },
          at: forAnn.at,
          seen: false,
        },
      },
      { id: '2.0', event: 'counters', data: { waiting: 1, unreadTickets: 0, unreadNotifications: 0 } },
    ],
  )
  stream.close()
})

live('from any id on, exactly what follows it comes, missed or new', async (stage) => {
  for (let n = 0; n < 150; n++) {
    stage.told.set(String(2 * n + 1), fresh(`n-${n}`))
    await change(stage, n % 3 === 0 ? globexTicket : acmeTicket, `c-${n}`, 'a', 'b')
  }
  const whole = await listen(stage.http.url, stage.http.bearer('ann'), '0.0')
  await whole.until((messages) => told(messages).includes('notification n-148'))
  // A notification of ann's belongs to the ticket that it tells of, so those of globex's appends are not told.
  const all = told(whole.messages)
  assert.is(all.length, 200)
  assert.is(new Set(all).size, 200)
  const ids = whole.messages.filter(({ event }) => event !== 'counters').map(({ id }) => id)
  for (const [n, id] of ids.entries()) {
    if (n % 7 !== 0) continue
    const rest = await listen(stage.http.url, stage.http.bearer('ann'), id)
    await rest.until((messages) => messages.some(({ event }) => event === 'counters'))
    assert.equal(told(rest.messages), all.slice(n + 1), id)
    rest.close()
  }
  whole.close()
})

live('who joins while much is appended misses nothing and hears nothing twice', async (stage) => {
  const streams: Awaited<ReturnType<typeof listen>>[] = []
  for (let n = 1; n <= 300; n++) {
    await change(stage, acmeTicket, `c-${n}`, 'a')
    if (n % 30 === 0) streams.push(await listen(stage.http.url, stage.http.bearer('ann'), '0.0'))
  }
  const expected = Array.from({ length: 300 }, (_, n) => `ticket ${n + 1}`)
  for (const stream of streams) {
    await stream.until((messages) => told(messages).includes('ticket 300'))
    assert.equal(told(stream.messages), expected)
    stream.close()
  }
})

live('nobody hears of another account', async (stage) => {
  const [ann, carla, sue] = [
    await listen(stage.http.url, stage.http.bearer('ann')),
    await listen(stage.http.url, stage.http.bearer('carla')),
    await listen(stage.http.url, stage.http.bearer('sue')),
  ]
  await change(stage, globexTicket, 'one', 'a')
  stage.told.set('2', fresh('n-2'))
  await change(stage, acmeTicket, 'two', 'a')
  await sue.until((messages) => told(messages).length === 2)
  await ann.until((messages) => told(messages).length === 2)
  await carla.until((messages) => told(messages).length === 1)
  await change(stage, globexTicket, 'three', 'a')
  await carla.until((messages) => told(messages).length === 2)
  assert.equal(told(carla.messages), ['ticket 1', 'ticket 2'])
  assert.not.ok(JSON.stringify(carla.messages).includes(acmeTicket))
  assert.equal(told(ann.messages), ['ticket 1', 'notification n-2'])
  assert.not.ok(JSON.stringify(ann.messages).includes(globexTicket))
  for (const each of [ann, carla, sue]) each.close()
})

live('a silent stream says that it lives, and where it stands', async (stage) => {
  const stream = await listen(stage.http.url, stage.http.bearer('ann'))
  await change(stage, globexTicket, 'one', 'a')
  while (stream.heartbeats() < 3 || !stream.lastId().startsWith('1.0.'))
    await new Promise((resolve) => setImmediate(resolve))
  assert.equal(told(stream.messages), [])
  stream.close()
})

live('a stream ends with its token', async (stage) => {
  const { identity, url } = stage.http
  // Tokens end at a full second; what is asked of the clock here is whether the second is over.
  const token = await identity.issue(ann, 1)
  const stream = await listen(url, { Authorization: `Bearer ${token}` })
  await stream.until((messages) => messages.length === 1)
  while ((await identity.authenticate(token))._tag === 'Right') await new Promise((resolve) => setTimeout(resolve, 20))
  await change(stage, acmeTicket, 'one', 'a')
  await stream.ended
  assert.equal(told(stream.messages), [])
})

live('a client that does not read is cut off, and the others hear everything', async (stage) => {
  const { hostname, port } = new URL(stage.http.url)
  const deaf = connect(Number(port), hostname)
  deaf.pause()
  const { Authorization } = stage.http.bearer('ann')
  deaf.write(`GET /v1/live HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: ${Authorization}\r\n\r\n`)
  const stream = await listen(stage.http.url, stage.http.bearer('ann'))
  const gone = once(deaf, 'close')
  deaf.on('error', () => undefined)
  const long = 'x'.repeat(100_000)
  let sent = 0
  // The system's own buffers take some of it; beyond, the server keeps less than a few messages.
  while (stage.hub.listening() > 1) {
    sent += 1
    assert.ok(sent < 1_000, 'the client is still there')
    stage.told.set(String(sent), fresh(`n-${sent}`, long))
    await change(stage, acmeTicket, `c-${sent}`, 'a')
    await stream.until((messages) => told(messages).length === 2 * sent)
  }
  deaf.destroy()
  await gone
  assert.is(told(stream.messages).length, 2 * sent)
  stream.close()
})

live('when telling breaks, the listeners are sent to read it again from the log', async (stage) => {
  const first = await listen(stage.http.url, stage.http.bearer('ann'))
  await first.until((messages) => messages.length === 1)
  stage.broken = true
  await change(stage, acmeTicket, 'one', 'a')
  await first.ended
  assert.equal(told(first.messages), [])
  stage.broken = false
  const second = await listen(stage.http.url, stage.http.bearer('ann'), first.lastId())
  await second.until((messages) => told(messages).length === 1)
  assert.equal(told(second.messages), ['ticket 1'])
  assert.is(stage.failures.length, 1)
  second.close()
})

live('an id that is none is refused, and one that is no place in this log', async (stage) => {
  const { url, bearer } = stage.http
  const statusOf = async (id: string): Promise<number | undefined> => {
    const stream = await listen(url, bearer('ann'), id)
    stream.close()
    return stream.status
  }
  for (const id of ['x', '1', '1.22', '-1.0', '1.0.xyz']) assert.is(await statusOf(id), 400, id)
  assert.is(await statusOf('1.0.0123456789ab'), 400, 'the log is empty')
  assert.is(await statusOf('0.0'), 200)
  const stream = await listen(url, bearer('ann'))
  await change(stage, acmeTicket, 'one', 'a')
  await stream.until((messages) => told(messages).length === 1)
  const [, , mark] = stream.lastId().split('.')
  stream.close()
  assert.is(await statusOf(`1.0.${mark}`), 200)
  assert.is(await statusOf(`2.0.${mark}`), 400, 'beyond the log')
  assert.is(await statusOf('1.0'), 400, 'of no log')
  assert.is(await statusOf('1.0.0123456789ab'), 400, 'of another log')
})

live('of one person’s streams the latest twenty stay', async (stage) => {
  const streams = []
  for (let n = 0; n < 22; n++) {
    const stream = await listen(stage.http.url, stage.http.bearer('ann'))
    await stream.until((messages) => messages.length === 1)
    streams.push(stream)
  }
  await Promise.all(streams.slice(0, 2).map(({ ended }) => ended))
  await change(stage, acmeTicket, 'one', 'a')
  for (const stream of streams.slice(2)) {
    await stream.until((messages) => told(messages).length === 1)
    stream.close()
  }
})

live.run()
