import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { right } from 'fp-ts/lib/Either.js'
import { pino } from 'pino'
import { createMetrics } from '../../adapters/http/metrics.ts'
import type { Pages } from '../../adapters/http/pages.ts'
import type { FilePort, HttpPorts, ReadModelPort, ServerPorts, ServerState } from '../../adapters/http/ports.ts'
import { createHttpServer } from '../../adapters/http/server.ts'
import { demoPeople } from '../../adapters/identity/demo-people.ts'
import { createSessions } from '../../adapters/identity/sessions.ts'
import type { Key } from '../../adapters/identity/keyring.ts'
import { unsubscribeTokens } from '../../adapters/mail/unsubscribe.ts'
import { openReadModels } from '../../app/projections/read-models.ts'
import type { Actor, Principal } from '../../domain/actor.ts'
import type { MailChoice } from '../../domain/notification/kinds.ts'
import type { DomainEvent } from '../../domain/event-log/event-types.ts'
import { ticketStream, userStream } from '../../domain/ids.ts'
import type { Queries } from '../../projections/projection.ts'
import { helpdesk, reporting, type Helpdesk } from '../../projections/registry.ts'
import { demoIdentityIn, keysIn } from './demo.ts'
import { decoded, opened, storedLog, stubCommands } from './http-stubs.ts'
import { accountId, personId, ticketId } from './ids.ts'
import { temporaryFolder } from './temporary-folder.ts'

export const ann: Actor = {
  id: personId('ann'),
  name: 'Ann Archer',
  email: 'ann@acme.example',
  role: 'customer',
  account: accountId('acme'),
}
/** Ann as her latest event names her. */
const renamedAnn: Actor = { ...ann, name: 'Ann Newname' }
export const sue: Actor = { id: personId('sue'), name: 'Sue Singh', email: 'sue@support.example', role: 'support' }
const carla: Actor = {
  id: personId('carla'),
  name: 'Carla Costa',
  email: 'carla@globex.example',
  role: 'customer',
  account: accountId('globex'),
}
const robot = { id: personId('robot'), name: 'Robot', email: 'robot@service.example', role: 'service' } as const
const acmeRobot = { ...robot, id: personId('acme-robot'), account: accountId('acme') } as const

const linkKey: Key = { kid: 'link-key', secret: Buffer.alloc(32) }

/** Signs the links of mails. */
export const unsubscribeLinks = unsubscribeTokens({ current: () => linkKey, find: () => linkKey })

/** Everybody who may send a request in these tests. */
export const everybody: readonly Principal[] = [...demoPeople, robot, acmeRobot]

/** Two tickets of each account: one with messages, one with a file. */
export const acmeTicket = ticketId('T-AAAAAAAA')
export const acmeTicketWithFile = ticketId('T-BBBBBBBB')
export const globexTicket = ticketId('T-GGGGGGGG')
export const globexTicketWithFile = ticketId('T-HHHHHHHH')
export const nowhereTicket = ticketId('T-00000000')

/** A text attached to Acme's ticket, and one to Globex's. */
export const acmeFile = 'a'.repeat(32)
export const globexFile = 'b'.repeat(32)
const attached = (file: string): DomainEvent => ({
  type: 'FileAttached',
  data: { file, mediaType: 'text/plain', size: 5, sha256: '0'.repeat(64) },
  personal: { name: 'log.txt' },
})

const at = (hour: number): string => `2024-05-01T${String(hour).padStart(2, '0')}:00:00.000Z`
const commented = (body: string): DomainEvent => ({ type: 'CommentAdded', data: {}, personal: { body } })
const taken: DomainEvent = {
  type: 'StatusChanged',
  data: { from: 'open', to: 'in_progress', cause: 'taken', assignee: { id: personId('sue') } },
  personal: { assignee: { name: 'Sue Singh', email: 'sue@support.example' } },
}
const asked: DomainEvent = {
  type: 'StatusChanged',
  data: { from: 'open', to: 'waiting_for_customer', cause: 'asked' },
  personal: {},
}
const chosen = (mail: MailChoice): DomainEvent => ({ type: 'PreferencesSet', data: { mail }, personal: {} })
const signedIn: DomainEvent = { type: 'SignedIn', data: {}, personal: {} }

const log = storedLog([
  { stream: userStream(sue.id), by: sue, at: at(8), events: [signedIn] },
  { stream: userStream(ann.id), by: ann, at: at(8), events: [signedIn] },
  { stream: ticketStream(acmeTicket), by: ann, at: at(10), events: [opened('acme', ann)] },
  { stream: ticketStream(acmeTicket), by: sue, at: at(11), events: [commented('Which browser?'), taken] },
  {
    stream: ticketStream(globexTicket),
    by: carla,
    at: at(10),
    events: [opened('globex', carla, 'A secret of Globex')],
  },
  {
    stream: ticketStream(globexTicketWithFile),
    by: carla,
    at: at(12),
    events: [opened('globex', carla, 'A file of Globex'), attached(globexFile)],
  },
  {
    stream: ticketStream(acmeTicketWithFile),
    by: ann,
    at: at(12),
    events: [opened('acme', ann, 'No sound'), attached(acmeFile)],
  },
  { stream: ticketStream(acmeTicketWithFile), by: sue, at: at(13), events: [commented('Which speakers?'), asked] },
  { stream: userStream(ann.id), by: renamedAnn, at: at(14), events: [chosen({ closed_by_support: false })] },
  { stream: userStream(sue.id), by: sue, at: at(14), events: [chosen({ new_ticket: true })] },
])

/** The notification of ann that has two kinds. */
export const notificationOfTwoKinds =
  log.find(({ stream, version }) => stream === ticketStream(acmeTicketWithFile) && version === 3)?.id ?? ''

const streams = new Map(
  [acmeTicket, acmeTicketWithFile, globexTicket, globexTicketWithFile].map((ticket) => [
    ticket,
    {
      account: ticket === acmeTicket || ticket === acmeTicketWithFile ? accountId('acme') : accountId('globex'),
      events: decoded(log.filter(({ stream }) => stream === ticketStream(ticket))),
    },
  ]),
)

const stubFiles = (folder: string): FilePort => {
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

const stubPages: Pages = {
  document: { mediaType: 'text/html; charset=utf-8', content: '<!doctype html>' },
  asset: (name) =>
    Promise.resolve(name === 'main.js' ? { mediaType: 'text/javascript; charset=utf-8', content: '' } : null),
}

/** The read models of `log`, opened once for all servers of a test file, and reports without any ticket. */
const openAll = () => {
  const { path: folder, remove } = temporaryFolder()
  process.once('exit', remove)
  const options = { folder, log: { info: () => undefined, error: () => undefined }, now: Date.now }
  const models = openReadModels(helpdesk, options)
  models.apply(log)
  return { models, reports: openReadModels(reporting, { ...options, set: 'reports' }) }
}
let openedModels: ReturnType<typeof openAll> | undefined

/** Read models whose readiness, position and ended sessions the test decides. */
const stubReadModels = (signedOut: ReadonlySet<string>) => {
  const state = { ready: true, reached: '100' }
  const waited: string[] = []
  openedModels ??= openAll()
  const { models, reports } = openedModels
  const queries = (): Queries<Helpdesk> => ({
    ...models.queries(),
    sessions: { isOver: ({ id }) => signedOut.has(id) },
  })
  const readModels: ReadModelPort<Helpdesk> = {
    query: (model) => right(queries()[model]),
    ready: () => state.ready,
    progress: () => null,
    waitFor: async (position) => {
      waited.push(position)
      return BigInt(position) <= BigInt(state.reached)
    },
    status: () => [
      {
        name: 'tickets',
        version: 1,
        position: '4',
        lagSeconds: 0,
        eventsPerSecond: 12.5,
        parked: [{ ticket: globexTicket, position: '3', reason: 'it broke' }],
      },
    ],
  }
  return {
    readModels,
    queries,
    reports: {
      query: reports.query,
      ready: () => true,
      progress: () => null,
      waitFor: async () => true,
      status: () => [],
    },
    readModelState: state,
    waited,
  }
}

/** A real server on a free port, over stub commands and real read models; with the log lines that it wrote. */
export const startHttp = async ({
  graceMs = 10_000,
  serves = true,
  ...over
}: Partial<HttpPorts & ServerPorts> & { readonly graceMs?: number; readonly serves?: boolean } = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'ledgerdesk-http-'))
  const clock = { now: over.now ?? Date.now }
  const identity = demoIdentityIn(folder, clock)
  const lines: string[] = []
  const output = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString())
      done()
    },
  })
  const stub = stubCommands(streams)
  const { readModels, reports, ...rest } = stubReadModels(stub.signedOut)
  const serverState: { now: ServerState } = { now: { status: 'ready', reason: null, progress: null } }
  const metrics = createMetrics({
    projections: readModels.status,
    passedOver: () => 4,
    mails: () => ({ waiting: 2, aside: 1 }),
    state: () => serverState.now,
    lostLogLines: () => 3,
  })
  const ports: HttpPorts & ServerPorts = {
    commands: stub.commands,
    readModels,
    reports,
    files: stubFiles(folder),
    sessions: createSessions(keysIn(folder), clock),
    provider: null,
    onSignInRefused: () => undefined,
    demoPeople,
    now: clock.now,
    pages: stubPages,
    readUnsubscribe: unsubscribeLinks.read,
    prove: async (ticket) => right(`{"ticket":"${ticket}"}\n`),
    live: {
      isOpen: () => true,
      standingOf: () => Promise.resolve('known'),
      connect: ({ connection }) => connection.end(),
    },
    identity,
    categories: [{ id: 'video-cdn', name: 'Video CDN', retired: false }],
    newId: randomUUID,
    logger: pino({ level: 'info' }, output),
    state: () => serverState.now,
    metrics,
    publicMetrics: metrics,
    forwarding: { tag: 'ignored' },
    ...over,
  }
  const server = createHttpServer(ports)
  const url = await server.listen(0, '127.0.0.1')
  if (serves) server.serve(ports)
  const tokens = new Map<string, string>()
  for (const person of everybody) tokens.set(person.id, await identity.issue(person, 3_600))
  const bearer = (id: string): Readonly<Record<string, string>> => ({ Authorization: `Bearer ${tokens.get(id)}` })
  return {
    url,
    lines,
    ...stub,
    ...rest,
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
      await server.close(graceMs)
      rmSync(folder, { recursive: true })
    },
    ports,
    serverState,
    serve: () => server.serve(ports),
  }
}

export type HttpTestServer = Awaited<ReturnType<typeof startHttp>>
