import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createCommands } from '../../app/commands/commands.ts'
import { helpdesk, reporting } from '../../projections/registry.ts'
import { compare } from '../../app/projections/compare.ts'
import { digestOf } from '../../app/projections/digest.ts'
import { openReadModels, type ReadModels } from '../../app/projections/read-models.ts'
import { rebuild, withDrafts, type Part, type RebuildPorts } from '../../app/projections/rebuild.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { erased } from '../../domain/event-log/envelope.ts'
import type { Projection } from '../../projections/projection.ts'
import { holdsAsync } from '../support/arbitrary.ts'
import { callBy, right, testPorts } from '../support/command-ports.ts'
import { memoryEventStore } from '../support/memory-event-store.ts'
import { ann, bob, eve, sue, tom } from '../support/people.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const request = { type: 'open', subject: 'No picture', description: 'It is dark.', category: 'technical' } as const
const everything = { ...helpdesk, ...reporting }
const all = Object.values(everything)
const names = all.map(({ name }) => name)

type Models = Readonly<Record<string, Projection<unknown>>>

interface House {
  readonly folder: string
  readonly store: EventStore
  readonly commands: ReturnType<typeof createCommands>
  readonly said: readonly string[]
  readonly open: <M extends Models>(models: M, rebuild?: (names: readonly string[]) => Promise<void>) => ReadModels<M>
  readonly ports: RebuildPorts
  /** What to build of them; all of them are there unless told. */
  readonly part: (names: readonly string[], projections?: readonly Projection<unknown>[]) => readonly Part[]
}

const inHouse = async (use: (house: House) => Promise<unknown>): Promise<void> => {
  const { path: folder, remove } = temporaryFolder()
  const store = memoryEventStore()
  const said: string[] = []
  const say = (_fields: object, message: string): void => void said.push(message)
  const opened: ReadModels<unknown>[] = []
  try {
    await use({
      folder,
      store,
      said,
      commands: createCommands(testPorts(store)),
      open: (models, again) => {
        const log = { info: say, error: say }
        const made = openReadModels(models, {
          folder,
          log,
          now: () => 0,
          ...(again === undefined ? {} : { rebuild: again }),
        })
        opened.push(made)
        return made
      },
      ports: { folder, store, onProgress: () => undefined },
      part: (own, projections = all) => [{ set: 'read-models', projections, names: own }],
    })
  } finally {
    for (const each of opened) await each.close()
    await store.close()
    remove()
  }
}

const until = async (condition: () => boolean): Promise<void> => {
  for (let n = 0; n < 4_000 && !condition(); n++) await new Promise((resolve) => setTimeout(resolve, 5))
  assert.ok(condition())
}

const fails = async (work: Promise<unknown>, why: RegExp | string): Promise<void> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.instance(error, Error)
  assert.match(String(error), why)
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder).filter((file) => /^read-models.*(db|draft)$/.test(file))

/** Counts comments; the version says by how much, and `poison` is what it cannot take. */
const counter = (version: number, poison?: string) =>
  ({
    name: 'counter',
    version,
    tables: 'CREATE TABLE counter (n INTEGER NOT NULL) STRICT; INSERT INTO counter VALUES (0)',
    on: (db) => {
      const add = db.prepare('UPDATE counter SET n = n + ?')
      return {
        CommentAdded: ({ personal }) => {
          if (poison !== undefined && personal !== erased && personal.body === poison) throw new Error('too bitter')
          add.run(version)
        },
      }
    },
    queries: (db) => {
      const find = db.prepare<[], number>('SELECT n FROM counter').pluck()
      return { count: () => find.get() ?? -1 }
    },
  }) satisfies Projection<unknown>

const rebuilding = suite('rebuilding read models')

type Act = readonly [who: number, what: number, ticket: number]
const people = [ann, bob, eve, sue, tom]

/** Whatever people do, in any order; what is refused leaves nothing. */
const play = async ({ commands }: House, acts: readonly Act[]): Promise<void> => {
  const tickets: string[] = []
  for (const [whose, what, which] of acts) {
    const caller = people[whose % people.length] ?? ann
    const call = callBy(caller)
    const id = tickets[which % Math.max(1, tickets.length)]
    if (what === 0 || id === undefined) {
      const requester = { id: 'bob', name: 'Bob', email: 'bob@acme.example', account: 'acme' }
      const done = await commands.open(call, caller.role === 'support' ? { ...request, requester } : request)()
      if (done._tag === 'Right') tickets.push(done.right.id)
    } else if (what === 1) await commands.act(call, id, { type: 'take' })()
    else if (what === 2) await commands.act(call, id, { type: 'close' })()
    else if (what === 3) await commands.act(call, id, { type: 'reopen', body: `Again ${which}` })()
    else if (what === 4) await commands.seen(call, id)()
    else if (what === 5) await commands.signIn(call)()
    else if (what === 6) await commands.seeNotifications(call)()
    else if (what === 7) await commands.prefer(call, { closed_by_support: which % 2 === 0 })()
    else if (what === 8) await commands.signIn(callBy({ ...caller, name: `${caller.name} ${which}` }))()
    else if (what === 9) await commands.act(call, id, { type: 'assign', assignee: sue })()
    else await commands.act(call, id, { type: 'comment', body: `dark wörd${which} again` })()
  }
}

rebuilding('live equals rebuilt after any commands, with restarts in between', async () => {
  const act = fc.tuple(fc.nat(4), fc.nat(12), fc.nat(9))
  const part = fc.array(act, { maxLength: 40 })
  await holdsAsync(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 3 }), (parts) =>
      inHouse(async (house) => {
        for (const acts of parts) {
          const models = house.open(everything)
          await models.start(house.store)
          await play(house, acts)
          await models.waitFor(right(await house.store.head()()), 10_000)
          await models.close()
        }
        const compared = await compare(house.ports, house.part(names))
        assert.equal(
          compared.filter(({ same }) => !same),
          [],
        )
        assert.is(compared.length, names.length)
      }),
    ),
    { usually: 15 },
  )
})

rebuilding('twice gives equal digests, and all or some of them, again and again', () =>
  inHouse(async (house) => {
    await play(
      house,
      Array.from({ length: 60 }, (_, n): Act => [n, n % 13, n * 7]),
    )
    await rebuild(house.ports, house.part(names))
    const first = await compare(house.ports, house.part(names))
    assert.ok(first.every(({ same }) => same))
    await rebuild(house.ports, house.part(names))
    await rebuild(house.ports, house.part(['tickets', 'search']))
    assert.equal(await compare(house.ports, house.part(names)), first)
    assert.equal(filesIn(house.folder).includes('read-models.draft'), false)
    const models = house.open(everything)
    assert.equal(filesIn(house.folder), ['read-models-4.db'], 'older generations go')
    assert.ok(models.queries().tickets.total({ view: 'active', account: undefined, categories: [], statuses: [] }) > 0)
  }),
)

rebuilding('a digest notices each row of each table', () =>
  inHouse(async (house) => {
    await play(
      house,
      Array.from({ length: 60 }, (_, n): Act => [n, n % 13, n * 7]),
    )
    await rebuild(house.ports, house.part(names))
    const db = new Sqlite(join(house.folder, 'read-models-2.db'))
    const tables = db
      .prepare<[], { readonly projection: string; readonly name: string }>(
        "SELECT m.projection, m.name FROM made m JOIN pragma_table_list l USING (name) WHERE l.type = 'table' ORDER BY m.name",
      )
      .all()
    assert.ok(tables.length > 15)
    const altered: string[] = []
    for (const { projection, name } of tables) {
      const key = db.prepare<[], string>(`SELECT name FROM pragma_table_info('${name}') WHERE pk = 1`).pluck().get()
      const before = digestOf(db, projection)
      db.exec('BEGIN')
      const { changes } = db
        .prepare(`DELETE FROM "${name}" WHERE ${key} = (SELECT ${key} FROM "${name}" LIMIT 1)`)
        .run()
      if (changes > 0) {
        altered.push(name)
        assert.is.not(digestOf(db, projection), before, name)
      }
      db.exec('ROLLBACK')
      assert.is(digestOf(db, projection), before, name)
    }
    assert.ok(altered.length > 15, altered.join())
    const before = digestOf(db, 'search')
    db.exec('DELETE FROM search WHERE rowid = (SELECT min(key) FROM search_tickets)')
    assert.is.not(digestOf(db, 'search'), before, 'the postings')
    db.close()
    const compared = await compare(house.ports, house.part(names))
    assert.equal(
      compared.filter(({ same }) => !same).map(({ name }) => name),
      ['search'],
    )
  }),
)

rebuilding('swaps under a running reader that never sees less than before', () =>
  inHouse(async (house) => {
    const { commands, store } = house
    const { id } = right(await commands.open(callBy(ann), request)())
    const first = house.open({ counter: counter(1) })
    await first.start(store)
    const comment = async (): Promise<void> => {
      right(await commands.act(callBy(ann), id, { type: 'comment', body: 'Any news?' })())
    }
    for (let n = 0; n < 400; n++) await comment()
    await first.waitFor('401', 10_000)
    let [seen, done] = [0, false]
    const looking = (async () => {
      while (!done) {
        const now = first.queries().counter.count()
        assert.ok(now >= seen, `${now} after ${seen}`)
        seen = now
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    const writing = (async () => {
      for (let n = 0; n < 300; n++) {
        await comment()
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    await rebuild(house.ports, house.part(['counter'], [counter(1)]))
    await writing
    await until(() => house.said.includes('rebuilt read models are in use'))
    await first.waitFor('701', 10_000)
    done = true
    await looking
    assert.is(first.queries().counter.count(), 700)
    assert.equal(filesIn(house.folder), ['read-models-2.db'])
    await comment()
    assert.ok(await first.waitFor('702', 10_000))
    assert.is(first.queries().counter.count(), 701)
  }),
)

rebuilding('interrupted, it leaves the live ones as they were, and can start again', () =>
  inHouse(async (house) => {
    await play(
      house,
      Array.from({ length: 30 }, (_, n): Act => [n, n % 13, n]),
    )
    await rebuild(house.ports, house.part(names))
    const before = await compare(house.ports, house.part(names))
    const stopped = {
      ...house.ports,
      onProgress: () => {
        throw new Error('the power went')
      },
    }
    await fails(rebuild(stopped, house.part(names)), 'the power went')
    assert.equal(filesIn(house.folder), ['read-models-2.db'])
    assert.equal(await compare(house.ports, house.part(names)), before)
    await rebuild(house.ports, house.part(names))
    assert.ok(existsSync(join(house.folder, 'read-models-3.db')))
  }),
)

rebuilding('sets in files of their own are built by one pass over the log, and swapped together', () =>
  inHouse(async (house) => {
    await play(
      house,
      Array.from({ length: 60 }, (_, n): Act => [n, n % 13, n * 7]),
    )
    const length = right(await house.store.readLog('0', 10_000)()).length
    let read = 0
    const store: EventStore = {
      ...house.store,
      readLog: (...asked) => {
        const reading = house.store.readLog(...asked)
        return async () => {
          const events = await reading()
          read += right(events).length
          return events
        }
      },
    }
    const parts = [
      { set: 'read-models', projections: Object.values(helpdesk), names: Object.keys(helpdesk) },
      { set: 'reports', projections: Object.values(reporting), names: Object.keys(reporting) },
    ] as const
    assert.is(await rebuild({ ...house.ports, store }, parts), length)
    assert.is(read, length)
    for (const file of ['read-models-2.db', 'reports-2.db']) assert.ok(existsSync(join(house.folder, file)), file)
    const compared = await compare(house.ports, parts)
    assert.equal(
      compared.map(({ name, same }) => [name, same]),
      names.map((name) => [name, true]),
    )
  }),
)

rebuilding('what one read model cannot take is parked there alone, and the others get all of the pass', () =>
  inHouse(async (house) => {
    const { commands } = house
    const { id } = right(await commands.open(callBy(ann), request)())
    for (const body of ['one', 'poison', 'three'])
      right(await commands.act(callBy(ann), id, { type: 'comment', body })())
    const parts = [
      { set: 'read-models', projections: [counter(1, 'poison')], names: ['counter'] },
      { set: 'reports', projections: Object.values(reporting), names: ['reports'] },
    ] as const
    await withDrafts(house.ports, parts, async ([bitter, reports]) => {
      assert.equal(
        bitter?.applier.parked().map(({ projection, stream }) => [projection, stream]),
        [['counter', `ticket-${id}`]],
      )
      assert.is(bitter?.db.prepare('SELECT n FROM counter').pluck().get(), 1)
      assert.equal(reports?.applier.parked(), [])
      assert.is(reports?.db.prepare('SELECT comments FROM report_tickets').pluck().get(), 3)
      return { publish: false, answer: null }
    })
  }),
)

rebuilding('two at once: the second is told', () =>
  inHouse(async (house) => {
    await withDrafts(house.ports, house.part(names), async () => {
      await fails(rebuild(house.ports, house.part(names)), 'under way')
      return { publish: false, answer: null }
    })
    await rebuild(house.ports, house.part(names))
  }),
)

rebuilding('one that stops where the live one did not is not put in its place', () =>
  inHouse(async (house) => {
    const { commands, store } = house
    const live = house.open({ counter: counter(1) })
    await live.start(store)
    const { id } = right(await commands.open(callBy(ann), request)())
    const done = right(await commands.act(callBy(ann), id, { type: 'comment', body: 'poison' })())
    await live.waitFor(done.position, 10_000)
    const why = `counter stopped in ticket-${id} at position 2: too bitter`
    await fails(rebuild(house.ports, house.part(['counter'], [counter(1, 'poison')])), why)
    assert.is(live.queries().counter.count(), 1)
    assert.equal(filesIn(house.folder), ['read-models.db'])
  }),
)

rebuilding('another version answers as it stands until it is rebuilt, and then as it should', () =>
  inHouse(async (house) => {
    const { commands, store } = house
    const { id } = right(await commands.open(callBy(ann), request)())
    const comment = async () => right(await commands.act(callBy(ann), id, { type: 'comment', body: 'Hm' })())
    await comment()
    const old = house.open({ counter: counter(1), people: helpdesk.people })
    await old.start(store)
    await old.close()
    let release: () => void = () => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    const next = { counter: counter(10), people: helpdesk.people }
    const models = house.open(next, async (stale) => {
      assert.equal(stale, ['counter'])
      await held
      await rebuild(house.ports, house.part(stale, Object.values(next)))
    })
    await models.start(store)
    assert.is(models.queries().counter.count(), 1, 'the old one answers')
    const { position } = await comment()
    assert.ok(await models.waitFor(position, 10_000), 'and nobody waits for it')
    assert.ok(models.queries().people.byIds(['ann']).has('ann'), 'the others go on')
    assert.is(models.queries().counter.count(), 1)
    release()
    await until(() => models.queries().counter.count() === 20)
    const after = await comment()
    assert.ok(await models.waitFor(after.position, 10_000))
    assert.is(models.queries().counter.count(), 30)
  }),
)

rebuilding('what another build rebuilt is left alone by one of another version', () =>
  inHouse(async (house) => {
    const { commands, store } = house
    const models = house.open({ counter: counter(1) })
    await models.start(store)
    const { id } = right(await commands.open(callBy(ann), request)())
    await rebuild(house.ports, house.part(['counter'], [counter(2)]))
    await until(() => house.said.some((line) => line.includes('are left alone')))
    const { position } = right(await commands.act(callBy(ann), id, { type: 'comment', body: 'Hm' })())
    await models.waitFor(position, 10_000)
    assert.is(models.queries().counter.count(), 1)
  }),
)

rebuilding.run()
