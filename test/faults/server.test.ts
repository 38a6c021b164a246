import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { clientOf, idsOf, type Client } from '../support/client.ts'
import { demoToken } from '../support/demo.ts'
import { startServer, type RunningServer } from '../support/server.ts'
import { skipHere } from '../support/skips.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'
import { canInject, faultyEnvironment } from './inject.ts'

const test = suite('a server whose disk fails')

interface Setup {
  readonly folder: string
  readonly server: RunningServer
  readonly ann: Client
  readonly inject: ReturnType<typeof faultyEnvironment>['inject']
}

/** A real server whose calls can be made to fail; it must end with exit status 0. */
const withServer = async (use: (setup: Setup) => Promise<void>): Promise<void> => {
  const { path, remove } = temporaryFolder()
  const { env, inject } = faultyEnvironment()
  const server = await startServer(path, env)
  let logged = ''
  server.process.stderr?.on('data', (chunk: Buffer) => (logged += chunk.toString()))
  try {
    const ann = clientOf(server.url, await demoToken(path, 'Ann Archer'))
    await use({ folder: path, server, ann, inject })
    assert.is(server.process.exitCode, null, 'the server runs on')
    assert.is(await server.stop(), 0)
  } catch (error) {
    console.error(logged)
    throw error
  } finally {
    await server.kill()
    remove()
  }
}

const ticket = (subject: string) => ({ subject, description: 'x', category: 'other' })

/** Opens a ticket under a key until the server acknowledges it; returns every status on the way. */
const openUntilStored = async (ann: Client, subject: string): Promise<readonly number[]> => {
  const statuses: number[] = []
  await until(async () => {
    const { status } = await ann.post('/v1/tickets', ticket(subject), { 'idempotency-key': subject })
    statuses.push(status)
    return status === 201
  })
  return statuses
}

const isListed = async (ann: Client, total: number): Promise<boolean> => {
  const { status, body } = await ann.get('/v1/tickets')
  return status === 200 && idsOf(body).length === total
}

/** Writes to a file of the folder as another process does, so that the server reads its first page again. */
const touch = (folder: string, name: string): void => {
  const db = new Sqlite(join(folder, name))
  db.pragma(`user_version = ${String(db.pragma('user_version', { simple: true }))}`)
  db.close()
}

const injected = (): void => {
  test('control: a failing sync of the log is met, one of another file is not', () =>
    withServer(async ({ ann, inject }) => {
      const elsewhere = inject({ operation: 'sync', file: 'log.db-nowhere' })
      assert.is((await ann.post('/v1/tickets', ticket('one'))).status, 201)
      assert.is(elsewhere.failed(), 0)
      const sync = inject({ operation: 'sync', file: 'log.db-wal', times: 1 })
      const { status, body } = await ann.post('/v1/tickets', ticket('two'))
      assert.is(sync.failed(), 1)
      assert.equal([status, body['type']], [503, '/problems/outcome-unknown'])
    }))

  test('a write that surely was not stored leaves the log writable once the disk is back', () =>
    withServer(async ({ folder, ann, inject }) => {
      assert.is((await ann.post('/v1/tickets', ticket('one'))).status, 201)
      // BEGIN reads the page that another process wrote.
      const read = inject({ operation: 'read', file: 'log.db-wal' })
      touch(folder, 'log.db')
      const refused = await ann.post('/v1/tickets', ticket('two'), { 'idempotency-key': 'two' })
      assert.equal([refused.status, refused.body['type']], [503, '/problems/not-ready'])
      assert.ok(read.failed() > 0)
      read.end()
      // No command comes: the server probes the log by itself.
      await until(async () => (await ann.get('/readyz')).status === 200)
      await openUntilStored(ann, 'two')
      await until(() => isListed(ann, 2))
    }))

  test('after a commit with an unknown outcome nothing is written until the next start, and /readyz says why', () =>
    withServer(async ({ ann, inject }) => {
      assert.is((await ann.post('/v1/tickets', ticket('one'))).status, 201)
      const sync = inject({ operation: 'sync', file: 'log.db-wal', times: 1 })
      assert.is((await ann.post('/v1/tickets', ticket('two'))).body['type'], '/problems/outcome-unknown')
      assert.is(sync.failed(), 1)
      assert.is((await ann.post('/v1/tickets', ticket('three'))).status, 503)
      const { status, body } = await ann.get('/readyz')
      assert.equal([status, body['status']], [503, 'read-only'])
      assert.match(String(body['reason']), /SQLITE_IOERR_FSYNC.*restart/)
    }))

  test('a full disk in the middle of a commit is no unknown outcome, and ends by itself', () =>
    withServer(async ({ ann, inject }) => {
      assert.is((await ann.post('/v1/tickets', ticket('one'))).status, 201)
      const write = inject({ operation: 'write', file: 'log.db-wal', error: 'ENOSPC' })
      const { status, body } = await ann.post('/v1/tickets', ticket('two'), { 'idempotency-key': 'two' })
      assert.equal([status, body['type']], [503, '/problems/storage-full'])
      write.end()
      await openUntilStored(ann, 'two')
      assert.is((await ann.get('/readyz')).status, 200)
    }))

  test('a read error of the timer that looks for appends of other processes ends nothing', () =>
    withServer(async ({ folder, ann, inject }) => {
      assert.is((await ann.post('/v1/tickets', ticket('one'))).status, 201)
      const read = inject({ operation: 'read', file: 'log.db-wal', times: 3 })
      touch(folder, 'log.db')
      await until(() => read.failed() === 3)
      await openUntilStored(ann, 'two')
      await until(() => isListed(ann, 2))
    }))

  test('read errors of the log cost no read models', () =>
    withServer(async ({ folder, ann, inject }) => {
      assert.is((await ann.post('/v1/tickets', ticket('one'))).status, 201)
      const inode = (): number => statSync(join(folder, 'read-models.db')).ino
      const before = inode()
      for (const file of ['log.db-wal', 'log.db']) {
        const read = inject({ operation: 'read', file, times: 12 })
        touch(folder, 'log.db')
        await until(() => {
          touch(folder, 'log.db')
          return read.failed() > 0
        })
        await until(async () => (await ann.get('/v1/tickets')).status === 200)
        read.end()
      }
      await openUntilStored(ann, 'two')
      await until(() => isListed(ann, 2))
      assert.is(inode(), before)
    }))

  test('one read error of the read models costs none of them', () =>
    withServer(async ({ folder, ann, inject }) => {
      assert.is((await ann.post('/v1/tickets', ticket('one'))).status, 201)
      const before = statSync(join(folder, 'read-models.db')).ino
      const read = inject({ operation: 'read', file: 'read-models.db-wal', times: 1 })
      touch(folder, 'read-models.db')
      await until(async () => {
        await ann.get('/v1/tickets')
        return read.failed() === 1
      })
      await openUntilStored(ann, 'two')
      await until(() => isListed(ann, 2))
      assert.is(statSync(join(folder, 'read-models.db')).ino, before)
    }))

  test('read models that cannot be made anew are made once the disk is back; what is stored is acknowledged', () =>
    withServer(async ({ folder, ann, inject }) => {
      assert.is((await ann.post('/v1/tickets', ticket('one'))).status, 201)
      const file = join(folder, 'read-models.db')
      const opening = inject({ operation: 'open', file: 'read-models.db', times: 4 })
      touch(folder, 'read-models.db')
      writeFileSync(file, readFileSync(file).fill(0xa5, 4_096), { flag: 'r+' })
      writeFileSync(`${file}-wal`, '')
      const statuses = new Set<number>()
      await until(async () => {
        const answers = await Promise.all([
          ...['two', 'three'].map((key) => ann.post('/v1/tickets', ticket(key), { 'idempotency-key': key })),
          ann.get('/v1/tickets'),
        ])
        for (const { status } of answers) statuses.add(status)
        return opening.failed() === 4
      })
      await openUntilStored(ann, 'two')
      await openUntilStored(ann, 'three')
      await until(() => isListed(ann, 3))
      assert.not.ok(statuses.has(500), [...statuses].join(' '))
    }))

  test('a file on a disk that fails is not ready, for downloads, previews and messages that name it', () =>
    withServer(async ({ ann, inject }) => {
      const send = async (name: string): Promise<string> => {
        const { body } = await ann.upload({ name, bytes: Buffer.from('one line\n') })
        return String((body['files'] as readonly { readonly id: string }[])[0]?.id)
      }
      const id = await send('kept.txt')
      const opened = await ann.post('/v1/tickets', { ...ticket('one'), attachments: [id] })
      assert.is(opened.status, 201)
      const unused = await send('unused.txt')
      const paths = [`/v1/files/${id}`, `/v1/files/${id}/preview`]
      for (const operation of ['open', 'read'] as const) {
        const fault = inject({ operation, file: 'bytes' })
        for (const path of paths) {
          const { status, body } = await ann.get(path).catch(() => ({ status: 0, body: {} as Record<string, unknown> }))
          assert.equal([status, body['type']], [503, '/problems/not-ready'], `${operation} ${path}`)
        }
        assert.ok(fault.failed() > 0)
        fault.end()
      }
      const fault = inject({ operation: 'open', file: 'meta.json' })
      const refused = await ann.post(`/v1/tickets/${String(opened.body['id'])}/comments`, { attachments: [unused] })
      assert.equal([refused.status, refused.body['type']], [503, '/problems/not-ready'])
      assert.ok(fault.failed() > 0)
      fault.end()
      for (const path of paths) assert.is((await ann.fetch(path)).status, 200)
    }))

  test('read models that cannot be written answer no query that would be older than a receipt', () =>
    withServer(async ({ ann, inject }) => {
      assert.is((await ann.post('/v1/tickets', ticket('one'))).status, 201)
      const write = inject({ operation: 'write', file: 'read-models.db-wal', error: 'ENOSPC' })
      assert.is((await ann.post('/v1/tickets', ticket('two'))).status, 201)
      assert.ok(write.failed() > 0)
      const { status, body } = await ann.get('/v1/tickets')
      assert.equal([status, body['type']], [503, '/problems/not-ready'])
      // The state is observed twice a second.
      await until(async () => (await ann.get('/readyz')).status === 503)
      write.end()
      await until(() => isListed(ann, 2))
      await until(async () => (await ann.get('/readyz')).status === 200)
    }))
}

if (canInject) injected()
else skipHere(import.meta.filename)

test.run()
