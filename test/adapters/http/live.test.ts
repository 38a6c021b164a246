import { connect } from 'node:net'
import { once } from 'node:events'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createBroadcaster, type Broadcaster, type LiveReadModels } from '../../../adapters/http/sse/broadcaster.ts'
import { ticketStream, type TicketId } from '../../../domain/ids.ts'
import type { NotificationQueries } from '../../../projections/notifications/queries.ts'
import { write } from '../../support/event-builder.ts'
import { listen } from '../../support/event-stream.ts'
import { acmeTicket, ann, globexTicket, startHttp, type HttpTestServer } from '../../support/http-server.ts'
import { accountId, eventId, personId } from '../../support/ids.ts'
import { memoryEventStore } from '../../support/memory-event-store.ts'
import { until } from '../../support/until.ts'

type FreshNotification = ReturnType<NotificationQueries['between']>[number]

/** The broadcaster over a log in memory; its counters, accounts and new notifications are the test's. */
interface Setup {
  http: HttpTestServer
  broadcaster: Broadcaster
  store: ReturnType<typeof memoryEventStore>
  notifications: Map<string, Omit<FreshNotification, 'position'>>
  waiting: number
  broken: boolean
  failures: unknown[]
}

const live = suite<Setup>('live updates')

const forAnn = {
  account: accountId('acme'),
  reader: personId('ann'),
  ticket: acmeTicket,
  actor: personId('sue'),
  at: '2024-05-01T11:00:00.000Z',
}
const fresh = (id: string, subject = 'No video'): Omit<FreshNotification, 'position'> => ({
  ...forAnn,
  id: eventId(id),
  subject,
  kinds: ['support_commented'],
  seen: false,
})

live.before.each(async (setup) => {
  setup.notifications = new Map()
  setup.waiting = 0
  setup.broken = false
  setup.failures = []
  setup.store = memoryEventStore()
  setup.http = await startHttp({
    live: {
      isOpen: () => setup.broadcaster.isOpen(),
      standingOf: (id) => setup.broadcaster.standingOf(id),
      connect: (subscriber, after) => setup.broadcaster.connect(subscriber, after),
    },
  })
  const { queries: helpdeskQueries } = setup.http
  const controlled: LiveReadModels = {
    waitFor: () => Promise.resolve(true),
    queries: () => {
      const queries = helpdeskQueries()
      return {
        ...queries,
        tickets: {
          ...queries.tickets,
          waiting: () => setup.waiting,
          accountOf: (ticket) => {
            if (setup.broken) throw new Error('the query failed')
            return ticket === acmeTicket ? accountId('acme') : accountId('globex')
          },
        },
        reading: { ...queries.reading, unreadTickets: () => 0 },
        notifications: {
          ...queries.notifications,
          unseen: () => 0,
          between: (after, upTo) =>
            [...setup.notifications].flatMap(([at, row]) =>
              Number(at) > after && Number(at) <= upTo ? [{ ...row, position: Number(at) }] : [],
            ),
        },
      }
    },
  }
  setup.broadcaster = createBroadcaster(controlled, {
    onError: (error) => setup.failures.push(error),
    heartbeatMs: 30,
  })
  await setup.broadcaster.start(setup.store)
})
live.after.each(async ({ http, broadcaster }) => {
  await broadcaster.close()
  await http.close()
})

const change = async (setup: Setup, ticket: TicketId, command: string, ...bodies: readonly string[]): Promise<void> => {
  await write(setup.store, ticketStream(ticket), command, ...bodies)
}
const changesIn = (
  messages: readonly { readonly event: string; readonly data: Record<string, unknown> }[],
): unknown[] =>
  messages.flatMap(({ event, data }) => (event === 'counters' ? [] : [`${event} ${data['version'] ?? data['id']}`]))

live('an append is one message, and one more for each notification', async (setup) => {
  const stream = await listen(setup.http.url, setup.http.bearer('ann'))
  assert.equal([stream.status, stream.mediaType], [200, 'text/event-stream'])
  await stream.until((messages) => messages.some(({ event }) => event === 'counters'))
  setup.notifications.set('1', fresh('n-1'))
  setup.waiting = 1
  await change(setup, acmeTicket, 'one', 'a', 'b')
  await stream.until((messages) => messages.some(({ data }) => data['waiting'] === 1))
  assert.equal(
    stream.messages.map(({ id, event, data }) => ({ id: id.replace(/(\.[\da-f]{12}){1,2}$/, ''), event, data })),
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

live('a client that resumes behind any id receives exactly what follows it', async (setup) => {
  for (let n = 0; n < 150; n++) {
    setup.notifications.set(String(2 * n + 1), fresh(`n-${n}`))
    await change(setup, n % 3 === 0 ? globexTicket : acmeTicket, `c-${n}`, 'a', 'b')
  }
  const whole = await listen(setup.http.url, setup.http.bearer('ann'), '0.0')
  await whole.until((messages) => changesIn(messages).includes('notification n-148'))
  // A notification of ann's belongs to the ticket that it is about, so those of globex's appends are not sent.
  const all = changesIn(whole.messages)
  assert.is(all.length, 200)
  assert.is(new Set(all).size, 200)
  const ids = whole.messages.filter(({ event }) => event !== 'counters').map(({ id }) => id)
  for (const [n, id] of ids.entries()) {
    if (n % 7 !== 0) continue
    const rest = await listen(setup.http.url, setup.http.bearer('ann'), id)
    await rest.until((messages) => messages.some(({ event }) => event === 'counters'))
    assert.equal(changesIn(rest.messages), all.slice(n + 1), id)
    rest.close()
  }
  whole.close()
})

live('a client that connects during many appends misses nothing and receives nothing twice', async (setup) => {
  const streams: Awaited<ReturnType<typeof listen>>[] = []
  for (let n = 1; n <= 300; n++) {
    await change(setup, acmeTicket, `c-${n}`, 'a')
    if (n % 30 === 0) streams.push(await listen(setup.http.url, setup.http.bearer('ann'), '0.0'))
  }
  const expected = Array.from({ length: 300 }, (_, n) => `ticket ${n + 1}`)
  for (const stream of streams) {
    await stream.until((messages) => changesIn(messages).includes('ticket 300'))
    assert.equal(changesIn(stream.messages), expected)
    stream.close()
  }
})

live('nobody receives events of another account', async (setup) => {
  const [ann, carla, sue] = [
    await listen(setup.http.url, setup.http.bearer('ann')),
    await listen(setup.http.url, setup.http.bearer('carla')),
    await listen(setup.http.url, setup.http.bearer('sue')),
  ]
  await change(setup, globexTicket, 'one', 'a')
  setup.notifications.set('2', fresh('n-2'))
  await change(setup, acmeTicket, 'two', 'a')
  await sue.until((messages) => changesIn(messages).length === 2)
  await ann.until((messages) => changesIn(messages).length === 2)
  await carla.until((messages) => changesIn(messages).length === 1)
  await change(setup, globexTicket, 'three', 'a')
  await carla.until((messages) => changesIn(messages).length === 2)
  assert.equal(changesIn(carla.messages), ['ticket 1', 'ticket 2'])
  assert.not.ok(JSON.stringify(carla.messages).includes(acmeTicket))
  assert.equal(changesIn(ann.messages), ['ticket 1', 'notification n-2'])
  assert.not.ok(JSON.stringify(ann.messages).includes(globexTicket))
  for (const each of [ann, carla, sue]) each.close()
})

live('a stream without messages sends heartbeats with its progress', async (setup) => {
  const stream = await listen(setup.http.url, setup.http.bearer('ann'))
  await change(setup, globexTicket, 'one', 'a')
  while (stream.heartbeats() < 3 || !stream.lastId().startsWith('1.0.'))
    await new Promise((resolve) => setImmediate(resolve))
  assert.equal(changesIn(stream.messages), [])
  stream.close()
})

live('a stream ends with its token', async (setup) => {
  const { identity, url } = setup.http
  // A token expires at a full second, so this waits for that second and for no fixed time.
  const token = await identity.issue(ann, 1)
  const stream = await listen(url, { Authorization: `Bearer ${token}` })
  await stream.until((messages) => messages.length === 1)
  await until(async () => (await identity.authenticate(token))._tag === 'Left')
  await change(setup, acmeTicket, 'one', 'a')
  await stream.ended
  assert.equal(changesIn(stream.messages), [])
})

live('the streams of a session end with it', async (setup) => {
  const { http } = setup
  const begun = await fetch(`${http.url}/v1/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Origin: http.url },
    body: JSON.stringify({ person: 'ann' }),
  })
  const cookie = (begun.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? ''
  const streams = [await listen(http.url, { Cookie: cookie }), await listen(http.url, { Cookie: cookie })]
  const other = await listen(http.url, http.bearer('ann'))
  for (const each of [...streams, other]) await each.until((messages) => messages.length === 1)
  const ended = await fetch(`${http.url}/auth/logout`, {
    method: 'POST',
    headers: { Cookie: cookie, Origin: http.url },
  })
  assert.is(ended.status, 200)
  await change(setup, acmeTicket, 'one', 'a')
  await other.until((messages) => changesIn(messages).length === 1)
  for (const each of streams) {
    await each.ended
    assert.equal(changesIn(each.messages), [])
  }
  other.close()
})

live('a client that does not read is disconnected, and the others receive everything', async (setup) => {
  const { hostname, port } = new URL(setup.http.url)
  const unread = connect(Number(port), hostname)
  unread.pause()
  const { Authorization } = setup.http.bearer('ann')
  unread.write(`GET /v1/live HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: ${Authorization}\r\n\r\n`)
  const stream = await listen(setup.http.url, setup.http.bearer('ann'))
  const gone = once(unread, 'close')
  unread.on('error', () => undefined)
  const long = 'x'.repeat(100_000)
  let sent = 0
  // The operating system buffers some of it; beyond, the server buffers only a few messages.
  while (setup.broadcaster.connections() > 1) {
    sent += 1
    assert.ok(sent < 1_000, 'the client is still there')
    setup.notifications.set(String(sent), fresh(`n-${sent}`, long))
    await change(setup, acmeTicket, `c-${sent}`, 'a')
    await stream.until((messages) => changesIn(messages).length === 2 * sent)
  }
  unread.destroy()
  await gone
  assert.is(changesIn(stream.messages).length, 2 * sent)
  stream.close()
})

live('when sending fails, the clients are disconnected and read it from the log', async (setup) => {
  const first = await listen(setup.http.url, setup.http.bearer('ann'))
  await first.until((messages) => messages.length === 1)
  setup.broken = true
  await change(setup, acmeTicket, 'one', 'a')
  await first.ended
  assert.equal(changesIn(first.messages), [])
  setup.broken = false
  const second = await listen(setup.http.url, setup.http.bearer('ann'), first.lastId())
  await second.until((messages) => changesIn(messages).length === 1)
  assert.equal(changesIn(second.messages), ['ticket 1'])
  assert.is(setup.failures.length, 1)
  second.close()
})

live('an id that is malformed or of another log is refused', async (setup) => {
  const { url, bearer } = setup.http
  const statusOf = async (id: string): Promise<number | undefined> => {
    const stream = await listen(url, bearer('ann'), id)
    stream.close()
    return stream.status
  }
  for (const id of ['x', '1', '1.22', '-1.0', '1.0.xyz']) assert.is(await statusOf(id), 400, id)
  assert.is(await statusOf('1.0.0123456789ab'), 400, 'the log is empty')
  assert.is(await statusOf('0.0'), 200)
  const stream = await listen(url, bearer('ann'))
  await change(setup, acmeTicket, 'one', 'a')
  await stream.until((messages) => changesIn(messages).length === 1)
  const [, , identity, hash] = stream.lastId().split('.')
  stream.close()
  assert.is(await statusOf(`1.0.${identity}.${hash}`), 200)
  assert.is(await statusOf(`1.0.${identity}.0123456789ab`), 400, 'another event stands there')
  assert.is(await statusOf(`1.0.${identity}`), 400, 'of an earlier version')
  assert.is(await statusOf(`2.0.${identity}.${hash}`), 400, 'beyond the log')
  assert.is(await statusOf('1.0'), 400, 'of no log')
  assert.is(await statusOf('1.0.0123456789ab'), 400, 'of another log')
})

live('of one person’s streams the latest twenty stay', async (setup) => {
  const streams = []
  for (let n = 0; n < 22; n++) {
    const stream = await listen(setup.http.url, setup.http.bearer('ann'))
    await stream.until((messages) => messages.length === 1)
    streams.push(stream)
  }
  await Promise.all(streams.slice(0, 2).map(({ ended }) => ended))
  await change(setup, acmeTicket, 'one', 'a')
  for (const stream of streams.slice(2)) {
    await stream.until((messages) => changesIn(messages).length === 1)
    stream.close()
  }
})

live.run()
