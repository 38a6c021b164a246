import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compareWithBuild } from '../../app/projections/compare-with-build.ts'
import { openReadModelFile } from '../../app/projections/read-model-file.ts'
import { rebuild } from '../../app/projections/rebuild.ts'
import { ReadModelNotReady, type Projection } from '../../projections/projection.ts'
import { helpdesk } from '../../projections/registry.ts'
import { callBy, right } from '../support/command-ports.ts'
import { personId } from '../support/ids.ts'
import { ann } from '../support/people.ts'
import { counter, filesIn, withSetup, type Setup } from '../support/projection-setup.ts'
import { until } from '../support/until.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const test = suite('read models of another build')

const request = { type: 'open', subject: 'No picture', description: 'It is dark.', category: 'technical' } as const

/** The counter with another table. */
const widened = (version: number) => ({
  ...counter(version),
  tables: 'CREATE TABLE counter (n INTEGER NOT NULL, since TEXT) STRICT; INSERT INTO counter VALUES (0, NULL)',
})

/** A ticket with a comment, and a file with both that a build with these read models wrote; returns how to comment again. */
const writtenBy = async ({ commands, store, open }: Setup, models: Parameters<Setup['open']>[0]) => {
  const { id } = right(await commands.open(callBy(ann), request)())
  const comment = async () => right(await commands.act(callBy(ann), id, { type: 'comment', body: 'poison' })())
  await comment()
  const old = open(models)
  await old.start(store)
  await old.close()
  return comment
}

interface Held {
  readonly rebuild: (names: readonly string[], onProgress: (share: number) => void) => Promise<void>
  /** Lets the rebuild go on. */
  readonly release: () => void
}

/** A rebuild that reports 40 % and waits until it is released. */
const heldRebuild = (setup: Setup, projections: readonly Projection<unknown>[]): Held => {
  let release: () => void = () => undefined
  const released = new Promise<void>((resolve) => (release = resolve))
  return {
    release,
    rebuild: async (names, onProgress) => {
      onProgress(0.401)
      await released
      await rebuild(setup.ports, setup.part(names, projections))
    },
  }
}

test('another version that must be fed does not answer until it is rebuilt', () =>
  withSetup(async (setup) => {
    const { store } = setup
    const strict = (version: number) => ({ ...counter(version), mustBeFed: true as const })
    await writtenBy(setup, { counter: strict(1), people: helpdesk.people })
    const next = { counter: strict(10), people: helpdesk.people }
    const held = heldRebuild(setup, Object.values(next))
    const models = setup.open(next, held.rebuild)
    await models.start(store)
    await until(() => models.query('counter')._tag === 'Left')
    assert.throws(
      () => models.queries().counter.count(),
      (error: unknown) => error instanceof ReadModelNotReady,
    )
    held.release()
    await until(() => models.query('counter')._tag === 'Right')
    assert.is(models.queries().counter.count(), 10)
  }))

test('another version answers as it stands, not fed, until it is rebuilt', () =>
  withSetup(async (setup) => {
    const { store } = setup
    const comment = await writtenBy(setup, { counter: counter(1), people: helpdesk.people })
    const next = { counter: counter(10), people: helpdesk.people }
    const held = heldRebuild(setup, Object.values(next))
    const models = setup.open(next, async (outdated, onProgress) => {
      assert.equal(outdated, ['counter'])
      await held.rebuild(outdated, onProgress)
    })
    await models.start(store)
    assert.is(models.queries().counter.count(), 1, 'the old one answers')
    const { position } = await comment()
    assert.ok(await models.waitFor(position, 10_000), 'and is not waited for')
    assert.ok(
      models
        .queries()
        .people.byIds([personId('ann')])
        .has(personId('ann')),
      'the others go on',
    )
    assert.is(models.queries().counter.count(), 1)
    held.release()
    await until(() => models.queries().counter.count() === 20)
    const after = await comment()
    assert.ok(await models.waitFor(after.position, 10_000))
    assert.is(models.queries().counter.count(), 30)
  }))

test('a file that another build published is not used', () =>
  withSetup(async (setup) => {
    const { commands, store } = setup
    const models = setup.open({ counter: counter(1) })
    await models.start(store)
    const { id } = right(await commands.open(callBy(ann), request)())
    await rebuild(setup.ports, setup.part(['counter'], [counter(2)]))
    await until(() => setup.logged.some((line) => line.includes('are not used')))
    const { position } = right(await commands.act(callBy(ann), id, { type: 'comment', body: 'Hm' })())
    await models.waitFor(position, 10_000)
    assert.is(models.queries().counter.count(), 1)
  }))

test('a changed table is not ready, with the progress, until it is rebuilt; the others are fed', () =>
  withSetup(async (setup) => {
    const { store } = setup
    const comment = await writtenBy(setup, { counter: counter(1), people: helpdesk.people })
    const next = { counter: widened(10), people: helpdesk.people }
    const held = heldRebuild(setup, Object.values(next))
    const models = setup.open(next, held.rebuild)
    await models.start(store)
    await new Promise((resolve) => setImmediate(resolve))
    const reason = 'the read model "counter" is being rebuilt, 40 % done'
    assert.equal(models.query('counter'), { _tag: 'Left', left: { tag: 'NotReady', reason } })
    assert.throws(
      () => models.queries().counter.count(),
      (error: unknown) => error instanceof ReadModelNotReady && error.message === reason,
    )
    const { position } = await comment()
    assert.ok(await models.waitFor(position, 10_000), 'it is not waited for')
    assert.not(await models.waitFor(position, 1, 'counter'), 'unless it alone is')
    assert.ok(
      models
        .queries()
        .people.byIds([personId('ann')])
        .has(personId('ann')),
    )
    const counted = models.waitFor(position, 20_000, 'counter')
    held.release()
    assert.ok(await counted)
    assert.is(models.queries().counter.count(), 20)
    assert.is(right(models.query('counter')).count(), 20)
  }))

test('a file of which nothing can be fed: the start does not wait, and the rebuilt file is fed', () =>
  withSetup(async (setup) => {
    const { store } = setup
    const comment = await writtenBy(setup, { counter: counter(1) })
    const held = heldRebuild(setup, [widened(10)])
    const models = setup.open({ counter: widened(10) }, held.rebuild)
    await models.start(store)
    assert.ok(models.ready())
    const { position } = await comment()
    assert.ok(await models.waitFor(position, 10_000))
    assert.equal(models.status(), [
      {
        name: 'counter',
        version: 1,
        position: '2',
        lagSeconds: 0,
        eventsPerSecond: models.status()[0]?.eventsPerSecond,
        parked: [],
      },
    ])
    held.release()
    assert.ok(await models.waitFor(position, 20_000, 'counter'))
    const after = await comment()
    assert.ok(await models.waitFor(after.position, 10_000, 'counter'))
    assert.is(models.queries().counter.count(), 30)
    assert.equal(filesIn(setup.folder), ['read-models-2.db'])
  }))

test('a new read model is shown at position 0 until it is built, and a removed one is not shown', () =>
  withSetup(async (setup) => {
    const { store } = setup
    await writtenBy(setup, { counter: counter(1), people: helpdesk.people })
    const next = { sessions: helpdesk.sessions, people: helpdesk.people }
    const held = heldRebuild(setup, Object.values(next))
    const models = setup.open(next, held.rebuild)
    await models.start(store)
    const shown = () => models.status().map(({ name, position }) => [name, position])
    assert.equal(shown(), [
      ['sessions', '0'],
      ['people', '2'],
    ])
    assert.is(models.query('sessions')._tag, 'Left')
    held.release()
    await until(() => models.query('sessions')._tag === 'Right')
    assert.equal(shown(), [
      ['sessions', '2'],
      ['people', '2'],
    ])
    assert.not(
      models.queries().sessions.isOver({ id: 's', providerSession: null, person: personId('ann'), beganAt: 0 }),
    )
  }))

test('a rebuild that fails is tried again', () =>
  withSetup(async (setup) => {
    const { store } = setup
    await writtenBy(setup, { counter: counter(1) })
    let attempts = 0
    const models = setup.open({ counter: widened(2) }, async (names) => {
      if (++attempts === 1) throw new Error('the machine is busy')
      await rebuild(setup.ports, setup.part(names, [widened(2)]))
    })
    await models.start(store)
    await until(() => models.query('counter')._tag === 'Right')
    assert.is(attempts, 2)
    assert.ok(setup.logged.includes('the read models could not be rebuilt; it is tried again'))
  }))

test('a read model that cannot answer is replaced by one that parks a ticket, rather than by none', () =>
  withSetup(async (setup) => {
    await writtenBy(setup, { counter: counter(1) })
    const next = { ...widened(2), on: counter(2, 'poison').on }
    await rebuild(setup.ports, setup.part(['counter'], [next]))
    const models = setup.open({ counter: next })
    assert.equal(
      models.status().map(({ parked }) => parked.length),
      [1],
    )
  }))

/** How a file made by one build fits another. */
const comparisonOf = (made: readonly Projection<unknown>[], build: readonly Projection<unknown>[]) => {
  const { path, remove } = temporaryFolder()
  const file = join(path, 'read-models.db')
  openReadModelFile(file, made, (reason) => assert.unreachable(reason)).db.close()
  const db = new Sqlite(file, { readonly: true })
  try {
    const { current, answering, outdated, removed } = compareWithBuild(db, build)
    return { current: [...current], answering: [...answering], outdated, removed }
  } finally {
    db.close()
    remove()
  }
}

test("queries answer where all tables that they read are this build's, whatever their version", () => {
  const { tickets, search, people } = helpdesk
  const all = [tickets, search, people]
  const column = { ...tickets, tables: tickets.tables.replace('subject TEXT', 'priority TEXT, subject TEXT') }
  const index = {
    ...tickets,
    indexes: tickets.indexes?.replace('(archived, status, category)', '(archived, status)') ?? '',
  }
  const handler = { ...tickets, version: tickets.version + 1 }
  const layout = { ...tickets, tables: `-- a comment\n${tickets.tables.replaceAll('\n', '  \n  ')}` }
  assert.equal(comparisonOf(all, all), {
    current: ['tickets', 'search', 'people'],
    answering: ['tickets', 'search', 'people'],
    outdated: [],
    removed: [],
  })
  for (const changed of [column, index]) {
    assert.is.not(JSON.stringify(changed), JSON.stringify(tickets))
    assert.equal(comparisonOf(all, [changed, search, people]), {
      current: ['search', 'people'],
      answering: ['people'],
      outdated: ['tickets'],
      removed: [],
    })
  }
  assert.equal(comparisonOf(all, [handler, search, people]), {
    current: ['search', 'people'],
    answering: ['tickets', 'search', 'people'],
    outdated: ['tickets'],
    removed: [],
  })
  assert.equal(comparisonOf(all, [layout, search, people]).outdated, [])
  assert.equal(comparisonOf([tickets, people], [tickets, search]), {
    current: ['tickets'],
    answering: ['tickets'],
    outdated: ['search'],
    removed: ['people'],
  })
})

test.run()
