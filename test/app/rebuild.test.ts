import { existsSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { helpdesk, reporting } from '../../projections/registry.ts'
import { compare, digestOf } from '../../app/projections/compare.ts'
import { rebuild, withDrafts } from '../../app/projections/rebuild.ts'
import { start } from '../../domain/event-log/envelope.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import type { TicketId } from '../../domain/ids.ts'
import { holdsAsync } from '../support/arbitrary.ts'
import { callBy, right } from '../support/command-ports.ts'
import { position, accountId, personId } from '../support/ids.ts'
import { ann, bob, eve, sue, tom } from '../support/people.ts'
import { counter, everything, filesIn, withSetup, type Setup } from '../support/projection-setup.ts'
import { until } from '../support/until.ts'

const request = { type: 'open', subject: 'No picture', description: 'It is dark.', category: 'technical' } as const
const names = Object.values(everything).map(({ name }) => name)

const fails = async (work: Promise<unknown>, why: RegExp | string): Promise<void> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.instance(error, Error)
  assert.match(String(error), why)
}

const rebuilding = suite('rebuilding read models')

type Act = readonly [who: number, what: number, ticket: number]
const people = [ann, bob, eve, sue, tom]

/** Issues commands in any order; a refused one leaves nothing. */
const issue = async ({ commands }: Setup, acts: readonly Act[]): Promise<void> => {
  const tickets: TicketId[] = []
  for (const [whose, what, which] of acts) {
    const caller = people[whose % people.length] ?? ann
    const call = callBy(caller)
    const id = tickets[which % Math.max(1, tickets.length)]
    if (what === 0 || id === undefined) {
      const requester = { id: personId('bob'), name: 'Bob', email: 'bob@acme.example', account: accountId('acme') }
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

rebuilding('live and rebuilt read models are equal after any commands and restarts', async () => {
  const act = fc.tuple(fc.nat(4), fc.nat(12), fc.nat(9))
  const part = fc.array(act, { maxLength: 40 })
  await holdsAsync(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 3 }), (parts) =>
      withSetup(async (setup) => {
        for (const acts of parts) {
          const models = setup.open(everything)
          await models.start(setup.store)
          await issue(setup, acts)
          await models.waitFor(right(await setup.store.head()()), 10_000)
          await models.close()
        }
        const compared = await compare(setup.ports, setup.part(names))
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

rebuilding('repeated rebuilds of all or some read models give equal digests', () =>
  withSetup(async (setup) => {
    await issue(
      setup,
      Array.from({ length: 60 }, (_, n): Act => [n, n % 13, n * 7]),
    )
    await rebuild(setup.ports, setup.part(names))
    const first = await compare(setup.ports, setup.part(names))
    assert.ok(first.every(({ same }) => same))
    await rebuild(setup.ports, setup.part(names))
    await rebuild(setup.ports, setup.part(['tickets', 'search']))
    assert.equal(await compare(setup.ports, setup.part(names)), first)
    assert.equal(filesIn(setup.folder).includes('read-models.draft'), false)
    const models = setup.open(everything)
    assert.equal(filesIn(setup.folder), ['read-models-4.db'], 'older generations go')
    assert.ok(models.queries().tickets.total({ view: 'active', account: undefined, categories: [], statuses: [] }) > 0)
  }),
)

rebuilding('a digest depends on each row of each table', () =>
  withSetup(async (setup) => {
    await issue(
      setup,
      Array.from({ length: 60 }, (_, n): Act => [n, n % 13, n * 7]),
    )
    await rebuild(setup.ports, setup.part(names))
    const db = new Sqlite(join(setup.folder, 'read-models-2.db'))
    const tables = db
      .prepare<[], { readonly projection: string; readonly name: string }>(
        "SELECT m.projection, m.name FROM made m JOIN pragma_table_list l USING (name) WHERE l.type = 'table' ORDER BY m.name",
      )
      .all()
    assert.ok(tables.length > 15)
    const changed: string[] = []
    for (const { projection, name } of tables) {
      const key = db.prepare<[], string>(`SELECT name FROM pragma_table_info('${name}') WHERE pk = 1`).pluck().get()
      const before = digestOf(db, projection)
      db.exec('BEGIN')
      const { changes } = db
        .prepare(`DELETE FROM "${name}" WHERE ${key} = (SELECT ${key} FROM "${name}" LIMIT 1)`)
        .run()
      if (changes > 0) {
        changed.push(name)
        assert.is.not(digestOf(db, projection), before, name)
      }
      db.exec('ROLLBACK')
      assert.is(digestOf(db, projection), before, name)
    }
    assert.ok(changed.length > 15, changed.join())
    const before = digestOf(db, 'search')
    db.exec('DELETE FROM search WHERE rowid = (SELECT min(key) FROM search_tickets)')
    assert.is.not(digestOf(db, 'search'), before, 'the postings')
    db.close()
    const compared = await compare(setup.ports, setup.part(names))
    assert.equal(
      compared.filter(({ same }) => !same).map(({ name }) => name),
      ['search'],
    )
  }),
)

rebuilding('a running reader never sees less than before a swap', () =>
  withSetup(async (setup) => {
    const { commands, store } = setup
    const { id } = right(await commands.open(callBy(ann), request)())
    const first = setup.open({ counter: counter(1) })
    await first.start(store)
    const comment = async (): Promise<void> => {
      right(await commands.act(callBy(ann), id, { type: 'comment', body: 'Any progress?' })())
    }
    for (let n = 0; n < 400; n++) await comment()
    await first.waitFor(position('401'), 10_000)
    let [seen, done] = [0, false]
    const reading = (async () => {
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
    await rebuild(setup.ports, setup.part(['counter'], [counter(1)]))
    await writing
    await until(() => setup.logged.includes('rebuilt read models are in use'))
    await first.waitFor(position('701'), 10_000)
    done = true
    await reading
    assert.is(first.queries().counter.count(), 700)
    assert.equal(filesIn(setup.folder), ['read-models-2.db'])
    await comment()
    assert.ok(await first.waitFor(position('702'), 10_000))
    assert.is(first.queries().counter.count(), 701)
  }),
)

rebuilding('an interrupted rebuild leaves the live files as they were, and can be run again', () =>
  withSetup(async (setup) => {
    await issue(
      setup,
      Array.from({ length: 30 }, (_, n): Act => [n, n % 13, n]),
    )
    await rebuild(setup.ports, setup.part(names))
    const before = await compare(setup.ports, setup.part(names))
    const stopped = {
      ...setup.ports,
      onProgress: () => {
        throw new Error('interrupted here')
      },
    }
    await fails(rebuild(stopped, setup.part(names)), 'interrupted here')
    assert.equal(filesIn(setup.folder), ['read-models-2.db'])
    assert.equal(await compare(setup.ports, setup.part(names)), before)
    await rebuild(setup.ports, setup.part(names))
    assert.ok(existsSync(join(setup.folder, 'read-models-3.db')))
  }),
)

rebuilding('sets in files of their own are built in one pass over the log, and swapped together', () =>
  withSetup(async (setup) => {
    await issue(
      setup,
      Array.from({ length: 60 }, (_, n): Act => [n, n % 13, n * 7]),
    )
    const length = right(await setup.store.readLog(start, 10_000)()).length
    let read = 0
    const store: EventStore = {
      ...setup.store,
      readLog: (...asked) => {
        const reading = setup.store.readLog(...asked)
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
    assert.is(await rebuild({ ...setup.ports, store }, parts), length)
    assert.is(read, length)
    for (const file of ['read-models-2.db', 'reports-2.db']) assert.ok(existsSync(join(setup.folder, file)), file)
    const compared = await compare(setup.ports, parts)
    assert.equal(
      compared.map(({ name, same }) => [name, same]),
      names.map((name) => [name, true]),
    )
  }),
)

rebuilding('what one read model cannot take is parked there, and the others take all of the log', () =>
  withSetup(async (setup) => {
    const { commands } = setup
    const { id } = right(await commands.open(callBy(ann), request)())
    for (const body of ['one', 'poison', 'three'])
      right(await commands.act(callBy(ann), id, { type: 'comment', body })())
    const parts = [
      { set: 'read-models', projections: [counter(1, 'poison')], names: ['counter'] },
      { set: 'reports', projections: Object.values(reporting), names: ['reports'] },
    ] as const
    await withDrafts(setup.ports, parts, async ([poisoned, reports]) => {
      assert.equal(
        poisoned?.runner.parked().map(({ projection, stream }) => [projection, stream]),
        [['counter', `ticket-${id}`]],
      )
      assert.is(poisoned?.db.prepare('SELECT n FROM counter').pluck().get(), 1)
      assert.equal(reports?.runner.parked(), [])
      assert.is(reports?.db.prepare('SELECT comments FROM report_tickets').pluck().get(), 3)
      return { publish: false, answer: null }
    })
  }),
)

rebuilding('of two at once the second is refused', () =>
  withSetup(async (setup) => {
    await withDrafts(setup.ports, setup.part(names), async () => {
      await fails(rebuild(setup.ports, setup.part(names)), 'under way')
      return { publish: false, answer: null }
    })
    await rebuild(setup.ports, setup.part(names))
  }),
)

rebuilding('a rebuilt read model that stops where the live one did not does not replace it', () =>
  withSetup(async (setup) => {
    const { commands, store } = setup
    const live = setup.open({ counter: counter(1) })
    await live.start(store)
    const { id } = right(await commands.open(callBy(ann), request)())
    const done = right(await commands.act(callBy(ann), id, { type: 'comment', body: 'poison' })())
    await live.waitFor(done.position, 10_000)
    const why = `counter stopped in ticket-${id} at position 2: poisoned`
    await fails(rebuild(setup.ports, setup.part(['counter'], [counter(1, 'poison')])), why)
    assert.is(live.queries().counter.count(), 1)
    assert.equal(filesIn(setup.folder), ['read-models.db'])
  }),
)

rebuilding.run()
