import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { helpdesk } from '../../projections/registry.ts'
import { openReadModels, type ReadModels } from '../../app/projections/read-models.ts'
import { readStatus } from '../../app/projections/status.ts'
import type { EventStore, SealedEvent } from '../../domain/event-log/event-store.ts'
import { erased } from '../../domain/event-log/envelope.ts'
import { ticketOfStream, ticketStream } from '../../domain/ids.ts'
import type { Projection } from '../../projections/projection.ts'
import { closed, commentAdded, opened, reopened } from '../domain/ticket/events.ts'
import { right } from '../support/command-ports.ts'
import { memoryEventStore } from '../support/memory-event-store.ts'
import { testLog } from '../support/projection-log.ts'
import { ann, bob, sue } from '../support/people.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const test = suite('read models')

interface Seen {
  readonly ticket: string
  readonly type: string
}

/** Writes down every event of a ticket, and cannot take a comment that says so. */
const diary = (poison: string | null, version = 1) =>
  ({
    name: 'diary',
    version,
    tables: 'CREATE TABLE diary (n INTEGER PRIMARY KEY, ticket TEXT NOT NULL, type TEXT NOT NULL) STRICT',
    on: (db) => {
      const write = db.prepare('INSERT INTO diary (ticket, type) VALUES (?, ?)')
      return {
        any: ({ stream, type }) => void write.run(ticketOfStream(stream), type),
        CommentAdded: ({ personal }) => {
          if (poison !== null && personal !== erased && personal.body.includes(poison)) throw new Error('too bitter')
        },
      }
    },
    queries: (db) => {
      const all = db.prepare<[string], string>('SELECT type FROM diary WHERE ticket = ? ORDER BY n').pluck()
      const lines = db.prepare<[], Seen>('SELECT ticket, type FROM diary ORDER BY n')
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
  readonly said: readonly string[]
  readonly open: <M extends Readonly<Record<string, Projection<unknown>>>>(models: M) => ReadModels<M>
}

/** A folder, what the runner said about it, and everything closed and removed at the end. */
const inFolder = async (use: (run: Run) => unknown): Promise<void> => {
  const { path, remove } = temporaryFolder()
  const said: string[] = []
  const opened: ReadModels<unknown>[] = []
  const say = (_fields: object, message: string): void => void said.push(message)
  try {
    await use({
      folder: path,
      said,
      open: (models) => {
        const made = openReadModels(models, { folder: path, log: { info: say, error: say }, now: () => 0 })
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

test('an event that cannot be taken parks its ticket alone, with position and reason', () =>
  inFolder(({ open }) => {
    const models = open({ diary: diary('poison'), people: helpdesk.people })
    models.apply(log.events)
    assert.equal(models.queries().diary.typesOf('T-1'), ['Opened'])
    assert.equal(models.queries().diary.typesOf('T-2'), types['T-2'])
    assert.equal(
      models.status().map(({ name, position, parked }) => ({ name, position, parked })),
      [
        { name: 'diary', position: '7', parked: [{ ticket: 'T-1', position: '3', reason: 'too bitter' }] },
        { name: 'people', position: '7', parked: [] },
      ],
    )
    assert.is(models.queries().people.byIds(['sue']).size, 1, 'the other projection took it')
  }))

test('the same whatever the pages, and parked events stay skipped', () =>
  inFolder(({ open }) => {
    const models = open({ diary: diary('poison') })
    for (const event of log.events) models.apply([event])
    models.apply(log.events)
    assert.equal(models.queries().diary.typesOf('T-1'), ['Opened'])
    assert.equal(models.queries().diary.typesOf('T-2'), types['T-2'])
  }))

test('after a fix a parked ticket goes on from where it stopped', () =>
  inFolder(async ({ open }) => {
    const broken = open({ diary: diary('poison') })
    const store = await filled(log.events)
    await broken.start(store)
    assert.is(broken.status()[0]?.parked.length, 1)
    await broken.close()
    const mended = open({ diary: diary(null) })
    await mended.start(store)
    assert.equal(mended.queries().diary.typesOf('T-1'), types['T-1'])
    assert.equal(mended.status()[0]?.parked, [])
    await store.close()
  }))

test('without a fix it stays parked where it was', () =>
  inFolder(async ({ open }) => {
    const store = await filled(log.events)
    for (let n = 0; n < 2; n++) {
      const models = open({ diary: diary('poison') })
      await models.start(store)
      assert.equal(models.status()[0]?.parked, [{ ticket: 'T-1', position: '3', reason: 'too bitter' }])
      assert.equal(models.queries().diary.typesOf('T-1'), ['Opened'])
      await models.close()
    }
    await store.close()
  }))

test('bytes that cannot be read park their ticket in every projection', () =>
  inFolder(({ open }) => {
    const models = open({ diary: diary(null), people: helpdesk.people })
    models.apply(log.events.map((event) => (event.position === '3' ? { ...event, data: '{' } : event)))
    assert.equal(
      models.status().map(({ parked }) => parked.map(({ ticket }) => ticket)),
      [['T-1'], ['T-1']],
    )
    assert.equal(models.queries().diary.typesOf('T-2'), types['T-2'])
  }))

test('an event of an unknown type is passed over and counted once', () =>
  inFolder(({ open }) => {
    const models = open({ diary: diary(null) })
    models.apply(log.events)
    models.apply(log.events)
    assert.is(models.unknownEvents(), 1)
    assert.is(models.checkpoint(), '7')
  }))

test('trouble of the machine undoes the batch, and parks nothing', () =>
  inFolder(({ open }) => {
    let full = true
    const model: ReturnType<typeof diary> = {
      ...diary(null),
      on: (db) => ({
        ...diary(null).on(db),
        CommentAdded: () => {
          if (full) throw Object.assign(new Error('disk full'), { code: 'SQLITE_FULL' })
        },
      }),
    }
    const models = open({ diary: model })
    assert.throws(() => models.apply(log.events), /disk full/)
    assert.equal(models.queries().diary.lines(), [])
    assert.is(models.checkpoint(), '0')
    full = false
    models.apply(log.events)
    assert.equal(models.queries().diary.typesOf('T-1'), types['T-1'])
  }))

test('views of another log are made anew, of the same log they stay', () =>
  inFolder(async ({ open, said }) => {
    const store = await filled(log.events)
    for (let n = 0; n < 2; n++) {
      const models = open({ diary: diary(null) })
      await models.start(store)
      await models.close()
    }
    const remade = 'the read models are made again from the log'
    assert.not.ok(said.includes(remade))
    const [, second] = log.events
    if (second === undefined) throw new Error('the log is too short')
    for (const elsewhere of [[second], []]) {
      const before = said.length
      const other = await filled(elsewhere)
      const models = open({ diary: diary(null) })
      await models.start(other)
      assert.ok(said.slice(before).includes(remade))
      assert.is(models.checkpoint(), elsewhere.length === 0 ? '0' : '1')
      await models.close()
      await other.close()
    }
    await store.close()
  }))

test('a projection of another version is made anew, the others stay', () =>
  inFolder(async ({ open }) => {
    const first = open({ diary: diary(null), people: helpdesk.people })
    const store = await filled(log.events)
    await first.start(store)
    await first.close()
    const second = open({ diary: diary(null, 2), people: helpdesk.people })
    assert.equal(
      second.status().map(({ name, version, position }) => [name, version, position]),
      [
        ['diary', 2, '0'],
        ['people', helpdesk.people.version, '7'],
      ],
    )
    assert.is(second.checkpoint(), '0')
    await second.start(store)
    assert.equal(second.queries().diary.typesOf('T-1'), types['T-1'])
    assert.is(second.queries().diary.lines().length, 6)
    await second.close()
    const without = open({ people: helpdesk.people })
    assert.equal(
      without.status().map(({ name }) => name),
      ['people'],
    )
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
    inFolder(async ({ folder, open, said }) => {
      const store = await filled(log.events)
      const first = open({ diary: diary(null) })
      await first.start(store)
      await first.close()
      const before = said.length
      damage(join(folder, 'read-models.db'))
      const second = open({ diary: diary(null) })
      await second.start(store)
      assert.equal(second.queries().diary.typesOf('T-1'), types['T-1'])
      assert.ok(said.length > before, 'said so')
      await store.close()
    }))
}

test('a file that breaks while it is in use is made again', () =>
  inFolder(async ({ folder, open }) => {
    const store = await filled(log.events)
    const models = open({ diary: diary(null) })
    await models.start(store)
    const file = join(folder, 'read-models.db')
    const intruder = new Sqlite(file)
    intruder.pragma('wal_checkpoint(TRUNCATE)')
    const size = statSync(file).size
    writeFileSync(file, readFileSync(file).fill(0xa5, 4_096, size), { flag: 'r+' })
    // Makes the other connection forget its pages.
    intruder.pragma('user_version = 77')
    intruder.close()
    assert.throws(() => models.queries().diary.lines())
    assert.not(models.ready())
    for (let n = 0; n < 1_000 && !models.ready(); n++) await new Promise((resolve) => setTimeout(resolve, 5))
    assert.ok(models.ready())
    assert.equal(models.queries().diary.typesOf('T-1'), types['T-1'])
    await store.close()
  }))

test('follows the log, and those who wait hear of it', () =>
  inFolder(async ({ open }) => {
    const store = await filled(log.events.slice(0, 2))
    const models = open(helpdesk)
    assert.not(models.ready())
    await models.start(store)
    assert.ok(models.ready())
    assert.is(await models.waitFor('2', 0), true)
    assert.is(await models.waitFor('3', 1), false)
    const waiting = models.waitFor('5', 10_000)
    await fill(store, log.events.slice(2, 5))
    assert.is(await waiting, true)
    const abandoned = models.waitFor('900', 10_000)
    await models.close()
    assert.is(await abandoned, false)
    await store.close()
  }))

test('a batch longer than a turn loses nothing', () =>
  inFolder(async ({ open }) => {
    const long = testLog()
    long.ticket('T-1', bob, opened(bob))
    const store = await filled(long.events)
    const models = open({ diary: diary(null) })
    await models.start(store)
    long.ticket('T-1', bob, ...Array.from({ length: 750 }, (_, n) => commentAdded(`line ${n}`)))
    right(await store.append(ticketStream('T-1'), 1, long.events.slice(1))())
    assert.is(await models.waitFor('751', 10_000), true)
    assert.is(models.queries().diary.typesOf('T-1').length, 751)
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
    assert.ok(helpdesk.people.queries(other).isSupport('sue'))
    other.close()
  }))

test.run()
