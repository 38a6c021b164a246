import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { helpdesk } from '../../projections/registry.ts'
import { openReadModels, type ReadModels } from '../../app/projections/read-models.ts'
import { rebuild } from '../../app/projections/rebuild.ts'
import { readStatus } from '../../app/projections/runner-tables.ts'
import type { EventStore, SealedEvent } from '../../domain/event-log/event-store.ts'
import { erased } from '../../domain/event-log/envelope.ts'
import { ticketOfStream, ticketStream } from '../../domain/ids.ts'
import type { Projection } from '../../projections/projection.ts'
import { closed, commentAdded, opened, reopened } from '../domain/ticket/events.ts'
import { right } from '../support/command-ports.ts'
import { personId, position, ticketId } from '../support/ids.ts'
import { memoryEventStore } from '../support/memory-event-store.ts'
import { testLog } from '../support/projection-log.ts'
import { ann, bob, sue } from '../support/people.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const test = suite('read models')

interface Seen {
  readonly ticket: string
  readonly type: string
}

/** Records every event of a ticket, and fails on a comment that contains `poison`. */
const journal = (poison: string | null, version = 1) =>
  ({
    name: 'journal',
    version,
    tables: 'CREATE TABLE journal (n INTEGER PRIMARY KEY, ticket TEXT NOT NULL, type TEXT NOT NULL) STRICT',
    on: ({ db }) => {
      const write = db.prepare('INSERT INTO journal (ticket, type) VALUES (?, ?)')
      return {
        everyEvent: ({ stream, type }) => void write.run(ticketOfStream(stream), type),
        CommentAdded: ({ personal }) => {
          if (poison !== null && personal !== erased && personal.body.includes(poison)) throw new Error('poisoned')
        },
      }
    },
    queries: (db) => {
      const all = db.prepare<[string], string>('SELECT type FROM journal WHERE ticket = ? ORDER BY n').pluck()
      const lines = db.prepare<[], Seen>('SELECT ticket, type FROM journal ORDER BY n')
      return { typesOf: (ticket: string) => all.all(ticket), lines: () => lines.all() }
    },
  }) satisfies Projection<unknown>

const log = testLog()
log.ticket('T-1', bob, opened(bob))
log.ticket('T-2', ann, opened(ann))
log.ticket('T-1', sue, commentAdded('poison'))
log.ticket('T-2', sue, commentAdded('fine'))
log.ticket('T-1', sue, closed)
log.unknown('T-2', sue)
log.ticket('T-1', bob, reopened)

interface Run {
  readonly folder: string
  readonly logged: readonly string[]
  readonly open: <M extends Readonly<Record<string, Projection<unknown>>>>(
    models: M,
    store?: EventStore,
  ) => ReadModels<M>
}

/** A folder and the runner's log messages; everything is closed and removed at the end. */
const inFolder = async (use: (run: Run) => unknown): Promise<void> => {
  const { path, remove } = temporaryFolder()
  const logged: string[] = []
  const opened: ReadModels<unknown>[] = []
  const record = (_fields: object, message: string): void => void logged.push(message)
  try {
    await use({
      folder: path,
      logged,
      open: (models, store) => {
        const projections = Object.values<Projection<unknown>>(models)
        const made = openReadModels(models, {
          folder: path,
          log: { info: record, error: record },
          now: () => 0,
          ...(store === undefined
            ? {}
            : {
                rebuild: async (names) => {
                  const ports = { folder: path, store, onProgress: () => undefined }
                  await rebuild(ports, [{ set: 'read-models', projections, names }])
                },
              }),
        })
        opened.push(made)
        return made
      },
    })
  } finally {
    for (const each of opened) await each.close()
    remove()
  }
}

const fill = async (store: EventStore, events: readonly SealedEvent[]): Promise<void> => {
  for (const event of events) right(await store.append(event.stream, event.version - 1, [event])())
}

const filled = async (events: readonly SealedEvent[]): Promise<EventStore> => {
  const store = memoryEventStore()
  await fill(store, events)
  return store
}

const types = { 'T-1': ['Opened', 'CommentAdded', 'Closed', 'Reopened'], 'T-2': ['Opened', 'CommentAdded'] }

test('an event that a handler fails on parks its ticket alone, with position and reason', () =>
  inFolder(({ open }) => {
    const models = open({ journal: journal('poison'), people: helpdesk.people })
    models.apply(log.events)
    assert.equal(models.queries().journal.typesOf('T-1'), ['Opened'])
    assert.equal(models.queries().journal.typesOf('T-2'), types['T-2'])
    assert.equal(
      models.status().map(({ name, position, parked }) => ({ name, position, parked })),
      [
        { name: 'journal', position: '7', parked: [{ ticket: 'T-1', position: '3', reason: 'poisoned' }] },
        { name: 'people', position: '7', parked: [] },
      ],
    )
    assert.is(models.queries().people.byIds([personId('sue')]).size, 1, 'the other projection took it')
  }))

test('the result does not depend on the pages, and parked events stay skipped', () =>
  inFolder(({ open }) => {
    const models = open({ journal: journal('poison') })
    for (const event of log.events) models.apply([event])
    models.apply(log.events)
    assert.equal(models.queries().journal.typesOf('T-1'), ['Opened'])
    assert.equal(models.queries().journal.typesOf('T-2'), types['T-2'])
  }))

test('after a fix a parked ticket goes on from where it stopped', () =>
  inFolder(async ({ open }) => {
    const broken = open({ journal: journal('poison') })
    const store = await filled(log.events)
    await broken.start(store)
    assert.is(broken.status()[0]?.parked.length, 1)
    await broken.close()
    const fixed = open({ journal: journal(null) })
    await fixed.start(store)
    assert.equal(fixed.queries().journal.typesOf('T-1'), types['T-1'])
    assert.equal(fixed.status()[0]?.parked, [])
    await store.close()
  }))

test('without a fix it stays parked where it was', () =>
  inFolder(async ({ open }) => {
    const store = await filled(log.events)
    for (let n = 0; n < 2; n++) {
      const models = open({ journal: journal('poison') })
      await models.start(store)
      assert.equal(models.status()[0]?.parked, [{ ticket: 'T-1', position: '3', reason: 'poisoned' }])
      assert.equal(models.queries().journal.typesOf('T-1'), ['Opened'])
      await models.close()
    }
    await store.close()
  }))

test('bytes that cannot be read park their ticket in every projection', () =>
  inFolder(({ open }) => {
    const models = open({ journal: journal(null), people: helpdesk.people })
    models.apply(log.events.map((event) => (event.position === '3' ? { ...event, data: '{' } : event)))
    assert.equal(
      models.status().map(({ parked }) => parked.map(({ ticket }) => ticket)),
      [['T-1'], ['T-1']],
    )
    assert.equal(models.queries().journal.typesOf('T-2'), types['T-2'])
  }))

test('an event of an unknown type is passed over and counted once', () =>
  inFolder(({ open }) => {
    const models = open({ journal: journal(null) })
    models.apply(log.events)
    models.apply(log.events)
    assert.is(models.unknownEvents(), 1)
    assert.is(models.checkpoint(), '7')
  }))

test('an error of the machine rolls the batch back and parks nothing', () =>
  inFolder(({ open }) => {
    let full = true
    const model: ReturnType<typeof journal> = {
      ...journal(null),
      on: (context) => ({
        ...journal(null).on(context),
        CommentAdded: () => {
          if (full) throw Object.assign(new Error('disk full'), { code: 'SQLITE_FULL' })
        },
      }),
    }
    const models = open({ journal: model })
    assert.throws(() => models.apply(log.events), /disk full/)
    assert.equal(models.queries().journal.lines(), [])
    assert.is(models.checkpoint(), '0')
    full = false
    models.apply(log.events)
    assert.equal(models.queries().journal.typesOf('T-1'), types['T-1'])
  }))

test('read models of another log are made again, those of the same log stay', () =>
  inFolder(async ({ open, logged }) => {
    const store = await filled(log.events)
    for (let n = 0; n < 2; n++) {
      const models = open({ journal: journal(null) })
      await models.start(store)
      await models.close()
    }
    const remade = 'the read models are made again from the log'
    assert.not.ok(logged.includes(remade))
    const [, second] = log.events
    if (second === undefined) throw new Error('the log is too short')
    for (const elsewhere of [[second], []]) {
      const before = logged.length
      const other = await filled(elsewhere)
      const models = open({ journal: journal(null) })
      await models.start(other)
      assert.ok(logged.slice(before).includes(remade))
      assert.is(models.checkpoint(), elsewhere.length === 0 ? '0' : '1')
      await models.close()
      await other.close()
    }
    await store.close()
  }))

test('read models newer than the log, or from another continuation of it, are made again before anything else', () =>
  inFolder(async ({ open, logged }) => {
    const store = await filled(log.events)
    const models = open({ journal: journal(null) })
    await models.start(store)
    await models.close()
    const older = log.events.slice(0, 4)
    const other = testLog()
    other.ticket('T-1', bob, opened(bob))
    other.ticket('T-2', ann, opened(ann))
    for (let n = 3; n <= 7; n++) other.ticket('T-1', sue, commentAdded(`another ${n}`))
    for (const [name, events] of Object.entries({ older, 'continued differently': other.events })) {
      const before = logged.length
      const elsewhere = await filled(events)
      const again = open({ journal: journal(null) })
      await again.start(elsewhere)
      assert.ok(logged.slice(before).includes('the read models are made again from the log'), name)
      assert.is(again.checkpoint(), String(events.length))
      await again.close()
      const kept = logged.length
      const unchanged = open({ journal: journal(null) })
      await unchanged.start(elsewhere)
      assert.not.ok(logged.slice(kept).includes('the read models are made again from the log'))
      await unchanged.close()
      await elsewhere.close()
    }
    await store.close()
  }))

test('a receipt that the read models do not hold makes them not ready until they do', () =>
  inFolder(async ({ open }) => {
    const store = await filled(log.events.slice(0, 2))
    const models = open({ journal: journal(null) })
    await models.start(store)
    await models.acknowledge(position('2'), 0)
    assert.ok(models.ready())
    await models.acknowledge(position('4'), 1)
    assert.not(models.ready())
    await fill(store, log.events.slice(2, 4))
    await until(models.ready)
    await store.close()
  }))

test('a projection of another version is rebuilt, the others stay', () =>
  inFolder(async ({ open }) => {
    const versions = (models: ReadModels<unknown>) =>
      models.status().map(({ name, version, position }) => [name, version, position])
    const first = open({ journal: journal(null), people: helpdesk.people })
    const store = await filled(log.events)
    await first.start(store)
    await first.close()
    const second = open({ journal: journal(null, 2), people: helpdesk.people }, store)
    const people = ['people', helpdesk.people.version, '7']
    assert.equal(versions(second), [['journal', 1, '7'], people], 'the old version answers')
    await second.start(store)
    await until(() => second.status()[0]?.version === 2)
    assert.equal(versions(second), [['journal', 2, '7'], people])
    assert.equal(second.queries().journal.typesOf('T-1'), types['T-1'])
    assert.is(second.queries().journal.lines().length, 6)
    await second.close()
    const without = open({ people: helpdesk.people }, store)
    assert.equal(versions(without), [people])
    await without.close()
    await store.close()
  }))

const damages: readonly (readonly [name: string, damage: (file: string) => void])[] = [
  ['is no database', (file) => writeFileSync(file, 'not a database, and long enough to be looked at'.repeat(100))],
  ['was cut', (file) => truncateSync(file, 5_000)],
  ['was overwritten', (file) => writeFileSync(file, readFileSync(file).fill(0xa5, 4_096))],
  ['was never finished', (file) => writeFileSync(file, '')],
]
for (const [name, damage] of damages) {
  test(`a file that ${name} is made again from the log`, () =>
    inFolder(async ({ folder, open, logged }) => {
      const store = await filled(log.events)
      const first = open({ journal: journal(null) })
      await first.start(store)
      await first.close()
      const before = logged.length
      damage(join(folder, 'read-models.db'))
      const second = open({ journal: journal(null) })
      await second.start(store)
      assert.equal(second.queries().journal.typesOf('T-1'), types['T-1'])
      assert.ok(logged.length > before, 'with a log message')
      await store.close()
    }))
}

test('a file that breaks while it is in use is made again', () =>
  inFolder(async ({ folder, open }) => {
    const store = await filled(log.events)
    const models = open({ journal: journal(null) })
    await models.start(store)
    const file = join(folder, 'read-models.db')
    const intruder = new Sqlite(file)
    intruder.pragma('wal_checkpoint(TRUNCATE)')
    const size = statSync(file).size
    writeFileSync(file, readFileSync(file).fill(0xa5, 4_096, size), { flag: 'r+' })
    // Makes the other connection drop its page cache.
    intruder.pragma('user_version = 77')
    intruder.close()
    assert.throws(() => models.queries().journal.lines())
    assert.not(models.ready())
    await until(models.ready)
    assert.ok(models.ready())
    assert.equal(models.queries().journal.typesOf('T-1'), types['T-1'])
    await store.close()
  }))

test('follows the log, and resolves those who wait for a position', () =>
  inFolder(async ({ open }) => {
    const store = await filled(log.events.slice(0, 2))
    const models = open(helpdesk)
    assert.not(models.ready())
    await models.start(store)
    assert.ok(models.ready())
    assert.is(await models.waitFor(position('2'), 0), true)
    assert.is(await models.waitFor(position('3'), 1), false)
    const waiting = models.waitFor(position('5'), 10_000)
    await fill(store, log.events.slice(2, 5))
    assert.is(await waiting, true)
    const abandoned = models.waitFor(position('900'), 10_000)
    await models.close()
    assert.is(await abandoned, false)
    await store.close()
  }))

test('a batch longer than a step loses nothing', () =>
  inFolder(async ({ open }) => {
    const long = testLog()
    long.ticket('T-1', bob, opened(bob))
    const store = await filled(long.events)
    const models = open({ journal: journal(null) })
    await models.start(store)
    long.ticket('T-1', bob, ...Array.from({ length: 750 }, (_, n) => commentAdded(`line ${n}`)))
    right(await store.append(ticketStream(ticketId('T-1')), 1, long.events.slice(1))())
    assert.is(await models.waitFor(position('751'), 10_000), true)
    assert.is(models.queries().journal.typesOf('T-1').length, 751)
    await store.close()
  }))

test('only its owner may read the file', () =>
  inFolder(({ folder, open }) => {
    open(helpdesk).apply(log.events)
    for (const part of ['', '-wal', '-shm']) {
      assert.is(statSync(join(folder, `read-models.db${part}`)).mode & 0o777, 0o600)
    }
  }))

test('another process reads the file while it is in use', () =>
  inFolder(({ folder, open }) => {
    const models = open({ people: helpdesk.people })
    models.apply(log.events)
    const other = new Sqlite(join(folder, 'read-models.db'), { readonly: true })
    assert.equal(readStatus(other, 0), models.status())
    assert.ok(helpdesk.people.queries(other).isSupport(personId('sue')))
    other.close()
  }))

test.run()
