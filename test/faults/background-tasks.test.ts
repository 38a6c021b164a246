import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openSqliteEventStore } from '../../adapters/event-store/sqlite/store.ts'
import { writeLog } from '../bench/write-log.ts'
import { clientOf, type Client } from '../support/client.ts'
import { demoToken } from '../support/demo.ts'
import { listen } from '../support/event-stream.ts'
import { startMailServer, type MailServer } from '../support/mail-server.ts'
import { files, root } from '../support/repository-files.ts'
import { ledgerdesk, startServer, type RunningServer } from '../support/server.ts'
import { skipHere } from '../support/skips.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'
import { canInject, faultyEnvironment, type Fault } from './inject.ts'

/**
 * Every background task of the program: an error at each of its steps, and then it is seen to go on. `modules` are the
 * files that start timers, loops, threads or subscriptions; one that no row names fails the test.
 */
interface Task {
  readonly task: string
  readonly modules: readonly string[]
}

/** Another test makes it fail. */
interface SeenElsewhere extends Task {
  readonly seenBy: string
}

interface SeenHere extends Task {
  /** Each fails once or twice, on its own. */
  readonly steps: readonly Fault[]
  /** The task's first step is part of the start, so the faults are there before. */
  readonly fromStart?: true
  /** What the task is done with, in a folder that has never been used. */
  readonly prepare?: (folder: string) => Promise<void>
  /** Something for the task to do; its answer may be a refusal. */
  readonly provoke: (setup: Setup, name: string) => Promise<unknown>
  /** Resolves once the task has done what came after the fault. */
  readonly goesOn: (setup: Setup, name: string) => Promise<void>
}

interface Setup {
  readonly folder: string
  readonly server: RunningServer
  readonly mails: MailServer
  readonly ann: Client
  readonly sue: Client
}

const opening = (subject: string) => ({ subject, description: 'x', category: 'other' })
const requester = { id: 'ann', name: 'Ann Archer', email: 'ann@acme.example', account: 'acme' }

/** Writes to a file of the folder as another process does, so that the server reads it again. */
const touch = (folder: string, name: string): void => {
  const file = join(folder, name)
  if (!existsSync(file)) return
  const db = new Sqlite(file)
  db.pragma(`user_version = ${String(db.pragma('user_version', { simple: true }))}`)
  db.close()
}

const open = (client: Client, subject: string) =>
  client.post('/v1/tickets', opening(subject), { 'idempotency-key': subject })
const openUntilStored = (client: Client, subject: string): Promise<void> =>
  until(async () => (await open(client, subject)).status === 201)
const isListed = async (client: Client, subject: string): Promise<boolean> =>
  JSON.stringify((await client.get('/v1/tickets?limit=100')).body).includes(`"${subject}"`)

const sendMail = ({ sue }: Setup, name: string) =>
  sue.post('/v1/tickets', { ...opening(name), requester }, { 'idempotency-key': name })
const mailArrives = async (setup: Setup, name: string): Promise<void> => {
  await until(async () => (await sendMail(setup, name)).status === 201)
  await until(() => setup.mails.taken.some(({ raw }) => raw.includes(name)))
}

const tasks: readonly (SeenHere | SeenElsewhere)[] = [
  {
    task: 'the subscription of the read models to the log',
    modules: [
      'app/projections/log-subscription.ts',
      'app/projections/position-waiter.ts',
      'adapters/event-store/sqlite/subscription.ts',
    ],
    steps: [
      { operation: 'read', file: 'log.db-wal' },
      { operation: 'read', file: 'read-models.db-wal' },
      { operation: 'write', file: 'read-models.db-wal', error: 'ENOSPC' },
      { operation: 'write', file: 'reports.db-wal' },
    ],
    provoke: ({ ann }, name) => open(ann, name),
    goesOn: async ({ ann }, name) => {
      await openUntilStored(ann, name)
      await until(() => isListed(ann, name))
    },
  },
  {
    task: 'the wait for being the one process that sends mails',
    modules: ['adapters/mail/process-lock.ts'],
    steps: [{ operation: 'open', file: 'mail.lock' }],
    fromStart: true,
    provoke: sendMail,
    goesOn: mailArrives,
  },
  {
    task: 'the mailer: its subscription to the log, its outbox, the sending',
    modules: ['app/mail/outbox-subscription.ts', 'adapters/event-store/appends.ts'],
    steps: [
      { operation: 'write', file: 'mail.db-wal', error: 'ENOSPC' },
      { operation: 'sync', file: 'mail.db-wal' },
      { operation: 'read', file: 'log.db-wal' },
    ],
    provoke: sendMail,
    goesOn: mailArrives,
  },
  {
    task: 'live updates',
    modules: ['adapters/http/sse/broadcaster.ts', 'adapters/http/sse/throttle.ts'],
    steps: [
      { operation: 'read', file: 'read-models.db-wal' },
      { operation: 'read', file: 'log.db-wal' },
    ],
    provoke: ({ ann }, name) => open(ann, `${name} before`),
    goesOn: async ({ ann, server }, name) => {
      await openUntilStored(ann, `${name} before`)
      await until(async () => (await ann.get('/v1/counters')).status === 200)
      const stream = await listen(server.url, { Authorization: `Bearer ${ann.token}` })
      await openUntilStored(ann, name)
      await stream.until((messages) => messages.some(({ event }) => event === 'ticket'))
      stream.close()
    },
  },
  {
    task: 'the signing of the log',
    modules: ['app/proof/sign.ts'],
    steps: [
      { operation: 'open', file: 'proofs.db', times: 1 },
      { operation: 'write', file: 'proofs.db-wal', error: 'ENOSPC', times: 1 },
      { operation: 'sync', file: 'proofs.db-wal', times: 1 },
    ],
    fromStart: true,
    provoke: ({ ann }, name) => openUntilStored(ann, name),
    goesOn: async ({ folder, server }) => {
      assert.is(await server.stop(), 0)
      const db = new Sqlite(join(folder, 'proofs.db'), { readonly: true })
      const signed = db.prepare<[], number>('SELECT max(size) FROM heads').pluck().get()
      db.close()
      const log = new Sqlite(join(folder, 'log.db'), { readonly: true })
      assert.is(signed, log.prepare<[], number>('SELECT max(position) FROM events').pluck().get())
      log.close()
    },
  },
  {
    task: 'the hot swap to rebuilt read models',
    modules: ['app/projections/hot-swap.ts'],
    steps: [
      { operation: 'open', file: 'read-models-2.db' },
      { operation: 'read', file: 'read-models-2.db' },
    ],
    fromStart: true,
    provoke: ({ folder }) => ledgerdesk(folder, 'rebuild'),
    goesOn: async ({ folder, ann }, name) => {
      await until(() => !existsSync(join(folder, 'read-models.db')))
      await openUntilStored(ann, name)
      await until(() => isListed(ann, name))
    },
  },
  {
    task: 'the thread that rebuilds read models far behind the log',
    modules: ['app/projections/read-models.ts', 'app/projections/rebuild-in-worker.ts', 'app/run-in-worker.ts'],
    steps: [
      { operation: 'write', file: 'read-models.draft', error: 'ENOSPC' },
      { operation: 'open', file: 'read-models.draft' },
      { operation: 'sync', file: 'read-models.draft' },
    ],
    fromStart: true,
    prepare: async (folder) => {
      const store = openSqliteEventStore({ folder })
      await writeLog(store, ['Dark since noon.'], 2, 2_000)
      await store.close()
    },
    provoke: () => Promise.resolve(),
    goesOn: async ({ sue }) => {
      await until(async () => Number((await sue.get('/v1/tickets?view=archive')).body['total']) === 400)
    },
  },
  {
    task: 'what watches the state of the server and whether its log can be written',
    modules: ['app/state/state-monitor.ts', 'app/state/watched-store.ts', 'app/state/log-readable.ts'],
    seenBy: 'test/faults/server.test.ts',
  },
  {
    task: 'noticing that the log was sealed',
    modules: ['adapters/event-store/log-seal.ts'],
    seenBy: 'test/adapters/event-store/log-seal.test.ts',
  },
  { task: 'log lines', modules: ['app/log-output.ts'], seenBy: 'test/app/log-lost.test.ts' },
  { task: 'the sweep of the files', modules: ['app/files.ts'], seenBy: 'test/adapters/files/uploads.test.ts' },
  { task: 'the virus scanner', modules: [], seenBy: 'test/adapters/files/clamd.test.ts' },
  {
    task: 'the guard of slow bodies',
    modules: ['adapters/http/body.ts'],
    seenBy: 'test/adapters/http/slow-body-guard.test.ts',
  },
  {
    task: 'the thread of proofs',
    modules: ['app/proof/prove-in-worker.ts'],
    seenBy: 'test/app/prove-in-worker.test.ts',
  },
  { task: 'reader threads', modules: ['app/readers/reader-pool.ts'], seenBy: 'test/app/readers/reader-pool.test.ts' },
  { task: 'the import', modules: ['app/import/backpressure.ts'], seenBy: 'test/app/import-killed.test.ts' },
  {
    task: 'subscriptions and writers of a cluster',
    modules: ['adapters/event-store/eventstoredb/subscription.ts', 'adapters/event-store/eventstoredb/failures.ts'],
    seenBy: 'test/adapters/event-store/eventstoredb-faults.test.ts',
  },
  {
    task: 'the election of the server that sends the mails',
    modules: ['adapters/event-store/eventstoredb/leader-election.ts'],
    seenBy: 'test/adapters/event-store/eventstoredb-leader-election.test.ts',
  },
  {
    task: 'the outbox of a cluster',
    modules: ['app/mail/outbox-log-in-events.ts'],
    seenBy: 'test/app/cluster-trouble.test.ts',
  },
]

const test = suite('background tasks')

const begins =
  /setInterval\(|subscribeToAppends\(|\.subscribe\(|runInWorker[<(]|new Worker\(|abortableDelay\(\)|setTimeout\(\w/

test('each module that begins one is in the table, and nothing else', () => {
  const starting = files.filter(
    (file) =>
      /^(app|adapters)\/.*\.ts$/.test(file) &&
      !/^(adapters\/web|app\/cli)\//.test(file) &&
      begins.test(readFileSync(join(root, file), 'utf8')),
  )
  assert.equal(
    tasks.flatMap(({ modules }) => modules).toSorted((a, b) => a.localeCompare(b)),
    starting.toSorted((a, b) => a.localeCompare(b)),
  )
  for (const task of tasks) if ('seenBy' in task) assert.ok(files.includes(task.seenBy), task.seenBy)
})

const see = async ({ steps, fromStart, prepare, provoke, goesOn }: SeenHere, mails: MailServer): Promise<void> => {
  for (const [n, step] of steps.entries()) {
    const name = `number ${n}`
    const { path: folder, remove } = temporaryFolder()
    await prepare?.(folder)
    const { env, inject } = faultyEnvironment()
    const limited = { times: 2, ...step }
    const early = fromStart === true ? inject(limited) : null
    const server = await startServer(folder, { ...env, LEDGERDESK_SMTP_URL: mails.url() })
    try {
      const [ann, sue] = await Promise.all(
        ['Ann Archer', 'Sue Singh'].map(async (person) => clientOf(server.url, await demoToken(folder, person))),
      )
      if (ann === undefined || sue === undefined) throw new Error('nobody')
      const setup = { folder, server, mails, ann, sue }
      await ann.get('/v1/tickets')
      const fault = early ?? inject(limited)
      await provoke(setup, name)
      await until(async () => {
        if (fault.failed() > 0) return true
        touch(folder, step.file.replace(/-wal$/, ''))
        await ann.get('/v1/tickets')
        return false
      })
      assert.is(server.process.exitCode, null, 'the server runs on')
      await goesOn(setup, name)
    } finally {
      await server.kill()
      remove()
    }
  }
}

if (canInject) {
  for (const task of tasks) {
    if ('seenBy' in task) continue
    test(`${task.task} goes on after an error at each of its steps`, async () => {
      const mails = await startMailServer()
      try {
        await see(task, mails)
      } finally {
        await mails.stop()
      }
    })
  }
} else skipHere(import.meta.filename)

test.run()
