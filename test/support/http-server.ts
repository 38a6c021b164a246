import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { left, right } from 'fp-ts/lib/Either.js'
import { pino } from 'pino'
import { createMetrics } from '../../adapters/http/metrics.ts'
import type { Pages } from '../../adapters/http/pages.ts'
import type { Files, HttpPorts } from '../../adapters/http/ports.ts'
import { createHttpServer } from '../../adapters/http/server.ts'
import type { NotificationRow, ProjectionStatus, TicketQuery, TicketRow, Views } from '../../adapters/http/views.ts'
import { demoPeople } from '../../adapters/identity/demo-people.ts'
import { demoSessions } from '../../adapters/identity/sessions.ts'
import { unsubscribeTokens } from '../../adapters/mail/unsubscribe.ts'
import type { Actor } from '../../domain/actor.ts'
import type { Principal } from '../../domain/actor.ts'
import type { AttachedFile } from '../../projections/files/files.ts'
import { demoIdentityIn } from './demo.ts'
import { fakeDesk, opened, streamOf } from './http-stubs.ts'

export const ann: Actor = {
  id: 'ann',
  name: 'Ann Archer',
  email: 'ann@acme.example',
  role: 'customer',
  account: 'acme',
}
export const sue: Actor = { id: 'sue', name: 'Sue Singh', email: 'sue@support.example', role: 'support' }
const carla: Actor = {
  id: 'carla',
  name: 'Carla Costa',
  email: 'carla@globex.example',
  role: 'customer',
  account: 'globex',
}
const robot = { id: 'robot', name: 'Robot', email: 'robot@service.example', role: 'service' } as const
const acmeRobot = { ...robot, id: 'acme-robot', account: 'acme' } as const

/** What mails would carry. */
export const unsubscribeLinks = unsubscribeTokens(Buffer.alloc(32))

/** Everybody who may send a request in these tests. */
export const everybody: readonly Principal[] = [...demoPeople, robot, acmeRobot]

/** Two tickets: one of Acme with a comment of support, one of Globex. */
export const acmeTicket = 'T-AAAAAAAA'
export const globexTicket = 'T-GGGGGGGG'
export const nowhereTicket = 'T-00000000'

const streams = new Map([
  [
    acmeTicket,
    {
      account: 'acme',
      events: streamOf(acmeTicket, [
        { by: ann, at: '2024-05-01T10:00:00.000Z', events: [opened('acme', ann)] },
        {
          by: sue,
          at: '2024-05-01T11:00:00.000Z',
          events: [
            { type: 'CommentAdded', data: {}, personal: { body: 'Which browser?' } },
            {
              type: 'StatusChanged',
              data: { from: 'open', to: 'in_progress', cause: 'taken', assignee: { id: 'sue' } },
              personal: { assignee: { name: 'Sue Singh', email: 'sue@support.example' } },
            },
          ],
        },
      ]),
    },
  ],
  [
    globexTicket,
    {
      account: 'globex',
      events: streamOf(globexTicket, [
        { by: carla, at: '2024-05-01T10:00:00.000Z', events: [opened('globex', carla, 'A secret of Globex')] },
      ]),
    },
  ],
])

const row: TicketRow = {
  id: acmeTicket,
  account: 'acme',
  subject: 'No video',
  author: 'ann',
  assignee: 'sue',
  status: 'in_progress',
  category: 'video-cdn',
  createdAt: '2024-05-01T10:00:00.000Z',
  updatedAt: '2024-05-01T11:00:00.000Z',
  version: 3,
  unread: true,
}

const notification: NotificationRow = {
  id: '00000000-0000-8000-8000-00000000000a',
  kinds: ['waiting_for_customer', 'support_commented'],
  ticket: acmeTicket,
  subject: 'No video',
  actor: 'sue',
  at: '2024-05-01T11:00:00.000Z',
  seen: false,
}

const projection: ProjectionStatus = {
  name: 'tickets',
  version: 1,
  position: '4',
  lagSeconds: 0,
  eventsPerSecond: 12.5,
  parked: [{ ticket: globexTicket, position: '3', reason: 'it broke' }],
}

/** A text of Acme's ticket, and one of Globex's. */
export const acmeFile = 'a'.repeat(32)
export const globexFile = 'b'.repeat(32)
const attached: readonly AttachedFile[] = [
  { id: acmeFile, ticket: acmeTicket, account: 'acme' },
  { id: globexFile, ticket: globexTicket, account: 'globex' },
].map((place) => ({ ...place, name: 'log.txt', mediaType: 'text/plain', size: 5, sha256: '0'.repeat(64) }))

const fakeFiles = (folder: string): Files => {
  const path = join(folder, 'log.txt')
  writeFileSync(path, 'hello')
  return {
    take: async (source, name) => {
      let size = 0
      for await (const chunk of source) size += chunk.length
      return right({ id: acmeFile, name, mediaType: 'text/plain', size, sha256: '0'.repeat(64) })
    },
    forget: () => Promise.resolve(),
    pathOf: () => Promise.resolve(path),
  }
}

const fakePages: Pages = {
  document: { mediaType: 'text/html; charset=utf-8', content: '<!doctype html>' },
  asset: (name) =>
    Promise.resolve(name === 'main.js' ? { mediaType: 'text/javascript; charset=utf-8', content: '' } : null),
}

const fakeViews = (signedOut: ReadonlySet<string>) => {
  const state = { ready: true, reached: '100' }
  const listed: TicketQuery[] = []
  const waited: string[] = []
  const views: Views = {
    tickets: (query) => {
      listed.push(query)
      return query.cursor === 'bad'
        ? left({ tag: 'Invalid', errors: [{ path: 'cursor', message: 'is not one of this list' }] })
        : right({ items: query.account === 'globex' ? [] : [row], next: null, total: 1 })
    },
    unread: () => false,
    names: (ids) =>
      new Map(
        demoPeople.flatMap(({ id, name, email }) =>
          ids.includes(id) ? [[id, { name: id === 'ann' ? 'Ann Newname' : name, email }] as const] : [],
        ),
      ),
    person: (id) => [ann, sue, carla].find((each) => each.id === id) ?? null,
    customers: () => [{ id: 'ann', name: 'Ann Archer', email: 'ann@acme.example', account: 'acme' }],
    team: () => [{ id: 'sue', name: 'Sue Singh', email: 'sue@support.example' }],
    counters: () => ({ waiting: 1, unreadTickets: 2, unreadNotifications: 0 }),
    notifications: (_reader, _limit, cursor) =>
      cursor === 'bad'
        ? left({ tag: 'Invalid', errors: [{ path: 'cursor', message: 'is not one of this list' }] })
        : right({ items: [notification], next: 'more' }),
    freshNotifications: () => [],
    accountOf: () => null,
    hasNotification: (_reader, id) => id === notification.id,
    mailChoice: () => ({ closed_by_support: false, new_ticket: true }),
    file: (id) => attached.find((file) => file.id === id),
    isOver: (session) => signedOut.has(session),
    report: () => right([]),
    waitForReports: async () => true,
    projections: () => [projection],
    waitFor: async (position) => {
      waited.push(position)
      return BigInt(position) <= BigInt(state.reached)
    },
    ready: () => state.ready,
  }
  return { views, viewState: state, listed, waited }
}

/** A real server on a free port, over a Desk and views that are made up; with the log lines that it wrote. */
export const startHttp = async (over: Partial<HttpPorts> = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'ledgerdesk-http-'))
  const identity = demoIdentityIn(folder)
  const lines: string[] = []
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString())
      done()
    },
  })
  const fake = fakeDesk(streams)
  const seen = fakeViews(fake.signedOut)
  const ports: HttpPorts = {
    commands: fake.commands,
    views: seen.views,
    files: fakeFiles(folder),
    sessions: demoSessions(identity),
    pages: fakePages,
    readUnsubscribe: unsubscribeLinks.read,
    prove: async (ticket) => right(`{"ticket":"${ticket}"}\n`),
    live: { isOpen: () => true, knows: () => Promise.resolve(true), join: ({ sink }) => sink.end() },
    identity,
    categories: [{ id: 'video-cdn', name: 'Video CDN', retired: false }],
    newId: randomUUID,
    logger: pino({ level: 'info' }, sink),
    metrics: createMetrics(
      seen.views.projections,
      () => 4,
      () => ({ waiting: 2, aside: 1 }),
    ),
    ...over,
  }
  const server = createHttpServer(ports)
  const url = await server.listen(0, '127.0.0.1')
  const tokens = new Map<string, string>()
  for (const person of everybody) tokens.set(person.id, await identity.issue(person, 3_600))
  const bearer = (id: string): Readonly<Record<string, string>> => ({ Authorization: `Bearer ${tokens.get(id)}` })
  return {
    url,
    lines,
    ...fake,
    ...seen,
    identity,
    bearer,
    get: (path: string, who: string | null, headers: Readonly<Record<string, string>> = {}) =>
      fetch(url + path, { headers: { ...(who === null ? {} : bearer(who)), ...headers } }),
    post: (path: string, who: string | null, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
      fetch(url + path, {
        method: 'POST',
        headers: { ...(who === null ? {} : bearer(who)), 'Content-Type': 'application/json', Origin: url, ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    upload: (path: string, who: string | null, name = 'log.txt') => {
      const body = new FormData()
      body.append('file', new Blob(['hello']), name)
      return fetch(url + path, { method: 'POST', headers: who === null ? {} : bearer(who), body })
    },
    delete: (path: string, who: string | null, _body?: unknown) =>
      fetch(url + path, { method: 'DELETE', headers: { ...(who === null ? {} : bearer(who)), Origin: url } }),
    put: (path: string, who: string | null, body: unknown) =>
      fetch(url + path, {
        method: 'PUT',
        headers: { ...(who === null ? {} : bearer(who)), 'Content-Type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    close: async () => {
      await server.close()
      rmSync(folder, { recursive: true })
    },
    ports,
  }
}

export type HttpTestServer = Awaited<ReturnType<typeof startHttp>>
