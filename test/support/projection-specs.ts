import { copyFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Database } from 'better-sqlite3'
import { applier } from '../../app/projections/projection-runner.ts'
import { openReadModelFile } from '../../app/projections/database.ts'
import type { StoredEvent } from '../../domain/event-log/event-store.ts'
import type { Projection } from '../../projections/projection.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** What a projection shows, read from its file. */
export type Shown = (db: Database) => unknown

type Models = readonly Projection<unknown>[]

const failIfRemade = (reason: string): void => {
  throw new Error(`the file was made again: ${reason}`)
}

/** A fresh file of these projections for as long as `use` takes. */
export const withProjections = <A>(models: Models, use: (db: Database, folder: string) => A): A => {
  const { path, remove } = temporaryFolder()
  const db = openReadModelFile(join(path, 'read-models.db'), models, failIfRemade)
  try {
    return use(db, path)
  } finally {
    db.close()
    remove()
  }
}

/** What these projections show after these events, each applied once. */
export const shownAfter = <A>(models: Models, events: readonly StoredEvent[], show: (db: Database) => A): A =>
  withProjections(models, (db) => {
    assert.equal(applier(db, models).apply(events), [], 'nothing is parked')
    return show(db)
  })

const pagesOf = (events: readonly StoredEvent[], size: number): (readonly StoredEvent[])[] =>
  Array.from({ length: Math.ceil(events.length / size) }, (_, page) => events.slice(page * size, (page + 1) * size))

/** Every page from another process, the one before having died while it had the next page in hand. */
const dyingBetweenPages = (model: Projection<unknown>, events: readonly StoredEvent[], show: Shown): unknown => {
  let shown: unknown
  let folder = temporaryFolder()
  for (const batch of [...pagesOf(events, 2), []]) {
    const db = openReadModelFile(join(folder.path, 'read-models.db'), [model], failIfRemade)
    applier(db, [model]).apply(batch)
    shown = show(db)
    // The next process finds the files as they lay on the disk in the middle of a transaction.
    db.exec('BEGIN IMMEDIATE')
    db.exec('UPDATE checkpoints SET position = 999')
    const next = temporaryFolder()
    for (const file of readdirSync(folder.path)) copyFileSync(join(folder.path, file), join(next.path, file))
    db.close()
    folder.remove()
    folder = next
  }
  folder.remove()
  return shown
}

/**
 * An example of a projection: these events leave these rows, and the same rows however they come — once, each batch
 * twice, in pages of 1, 2 and 7, with a crash between any two pages, and anew from the first event.
 */
export const projectionSpec = (
  test: Test,
  model: Projection<unknown>,
  name: string,
  events: readonly StoredEvent[],
  show: Shown,
  expected: unknown,
): void => {
  const once = (batches: readonly (readonly StoredEvent[])[]): unknown =>
    withProjections([model], (db) => {
      const { apply } = applier(db, [model])
      for (const batch of batches) assert.equal(apply(batch), [], 'nothing is parked')
      return show(db)
    })
  test(`${name}: once`, () => assert.equal(once([events]), expected))
  test(`${name}: twice`, () => assert.equal(once([events, events]), expected))
  for (const size of [1, 2, 7]) {
    test(`${name}: in pages of ${size}`, () => assert.equal(once(pagesOf(events, size)), expected))
    test(`${name}: each page of ${size} twice`, () =>
      assert.equal(once(pagesOf(events, size).flatMap((page) => [page, page])), expected))
  }
  test(`${name}: with a crash between pages`, () => assert.equal(dyingBetweenPages(model, events, show), expected))
  test(`${name}: anew from the first event`, () =>
    withProjections([model], (db, folder) => {
      applier(db, [model]).apply(events)
      const next = { ...model, version: model.version + 1 }
      const again = openReadModelFile(join(folder, 'read-models.db'), [next], () => undefined)
      try {
        assert.is(applier(again, [next]).checkpoint(), '0')
        applier(again, [next]).apply(events)
        assert.equal(show(again), expected)
      } finally {
        again.close()
      }
    }))
}
