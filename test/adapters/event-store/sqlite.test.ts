import { statSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openSqliteEventStore } from '../../../adapters/event-store/sqlite/store.ts'
import { start, type Position } from '../../../domain/event-log/envelope.ts'
import { right } from '../../support/command-ports.ts'
import { bodiesOf, write } from '../../support/event-builder.ts'
import { streamName } from '../../support/ids.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { eventStoreContract } from './contract.ts'

eventStoreContract('on SQLite', () => {
  const { path, remove } = temporaryFolder()
  const open = () => openSqliteEventStore({ folder: path })
  return { store: open(), reopen: open, remove }
})

const sqlite = suite<{ folder: ReturnType<typeof temporaryFolder> }>('the log on SQLite')
sqlite.before.each((context) => {
  context.folder = temporaryFolder()
})
sqlite.after.each(({ folder }) => folder.remove())

sqlite('refuses every update and delete, from any connection', async ({ folder }) => {
  const store = openSqliteEventStore({ folder: folder.path })
  right(await write(store, streamName('ticket-T-00000001'), 'a', '1', '2'))
  await store.close()
  const db = new Sqlite(join(folder.path, 'log.db'))
  for (const attack of [
    "UPDATE events SET data = '{}'",
    'UPDATE events SET position = position + 1',
    'DELETE FROM events WHERE position = 1',
    'INSERT OR REPLACE INTO events SELECT * FROM events WHERE position = 1',
    "UPDATE streams SET name = 'x'",
    'DELETE FROM streams',
    "UPDATE personal SET body = ''",
    'DELETE FROM personal',
  ]) {
    assert.throws(() => db.exec(attack), /append-only/, attack)
  }
  db.close()
})

sqlite('has positions 1, 2, 3, … without a gap, also after refused appends', async ({ folder }) => {
  const store = openSqliteEventStore({ folder: folder.path })
  await Promise.all(
    Array.from({ length: 40 }, (_, n) => write(store, streamName(`ticket-T-0000000${n % 4}`), `k${n}`, `${n}`)),
  )
  right(await write(store, streamName('ticket-T-00000009'), 'z', 'last'))
  const positions = right(await store.readLog(start, 100)()).map(({ position }) => Number(position))
  assert.equal(
    positions,
    positions.map((_, index) => index + 1),
  )
  await store.close()
})

sqlite('is readable by its owner only', async ({ folder }) => {
  const data = join(folder.path, 'data')
  const store = openSqliteEventStore({ folder: data })
  right(await write(store, streamName('ticket-T-00000001'), 'a', '1'))
  assert.is(statSync(data).mode & 0o777, 0o700)
  for (const file of ['log.db', 'log.db-wal', 'log.db-shm']) {
    assert.is(statSync(join(data, file)).mode & 0o777, 0o600, file)
  }
  await store.close()
})

sqlite('is synced at every commit', ({ folder }) => {
  const store = openSqliteEventStore({ folder: folder.path })
  const db = new Sqlite(join(folder.path, 'log.db'))
  assert.is(db.pragma('journal_mode', { simple: true }), 'wal')
  db.close()
  return store.close()
})

sqlite('a folder of a newer version is refused and not changed', ({ folder }) => {
  const db = new Sqlite(join(folder.path, 'log.db'))
  db.pragma('user_version = 99')
  db.close()
  assert.throws(() => openSqliteEventStore({ folder: folder.path }), /log schema 99/)
})

sqlite('two stores on one folder lose and duplicate nothing, and see each other’s events', async ({ folder }) => {
  const [one, two] = [openSqliteEventStore({ folder: folder.path }), openSqliteEventStore({ folder: folder.path })]
  const seen: Position[] = []
  let arrived = (): void => undefined
  // Polling for appends of other processes does not keep the process alive.
  const alive = setInterval(() => undefined, 1_000)
  const subscription = one.subscribe(
    start,
    { batchSize: 5 },
    async (events) => {
      for (const { position } of events) seen.push(position)
      arrived()
    },
    (error) => {
      throw error
    },
  )
  const persist = async (store: typeof one, command: string): Promise<void> => {
    while ((await write(store, streamName('ticket-T-00000001'), command, command))._tag === 'Left') {
      await new Promise((resume) => setImmediate(resume))
    }
  }
  await Promise.all(Array.from({ length: 40 }, (_, n) => persist(n % 2 === 0 ? one : two, `k${n}`)))
  const stored = right(await two.readStream(streamName('ticket-T-00000001'))())
  assert.is(new Set(bodiesOf(stored)).size, 40)
  assert.is(stored.length, 40)
  while (seen.length < 40) await new Promise<void>((resolve) => (arrived = resolve))
  assert.equal(
    seen,
    stored.map(({ position }) => position),
  )
  clearInterval(alive)
  await subscription.stop()
  await one.close()
  await two.close()
})

sqlite.run()
