import { copyFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Database } from 'better-sqlite3'
import { projectionRunner } from '../../app/projections/projection-runner.ts'
import { finishDraft, openDraftFile, openReadModelFile } from '../../app/projections/read-model-file.ts'
import type { StoredEvent } from '../../domain/event-log/event-store.ts'
import type { Projection } from '../../projections/projection.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Reads what a test compares from a projection's file. */
export type Shown = (db: Database) => unknown

type Models = readonly Projection<unknown>[]

const failIfRemade = (reason: string): void => {
  throw new Error(`the file was made again: ${reason}`)
}

/** A fresh file of these projections for as long as `use` takes. */
export const withProjections = <A>(models: Models, use: (db: Database, folder: string) => A): A => {
  const { path, remove } = temporaryFolder()
  const { db } = openReadModelFile(join(path, 'read-models.db'), models, failIfRemade)
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
    assert.equal(projectionRunner(db, models).apply(events), [], 'nothing is parked')
    return show(db)
  })

const pagesOf = (events: readonly StoredEvent[], size: number): (readonly StoredEvent[])[] =>
  Array.from({ length: Math.ceil(events.length / size) }, (_, page) => events.slice(page * size, (page + 1) * size))

/** Applies each page in a process of its own, after the one before crashed in the middle of the next page. */
const crashingBetweenPages = (model: Projection<unknown>, events: readonly StoredEvent[], show: Shown): unknown => {
  let shown: unknown
  let folder = temporaryFolder()
  for (const batch of [...pagesOf(events, 2), []]) {
    const { db } = openReadModelFile(join(folder.path, 'read-models.db'), [model], failIfRemade)
    projectionRunner(db, [model]).apply(batch)
    shown = show(db)
    // The next process gets the files as they were on the disk in the middle of a transaction.
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
 * An example of a projection: these events leave these rows, however they are applied: once, each batch twice, in pages
 * of 1, 2 and 7, with a crash between any two pages, and in a rebuild.
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
      const { apply } = projectionRunner(db, [model])
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
  test(`${name}: with a crash between pages`, () => assert.equal(crashingBetweenPages(model, events, show), expected))
  test(`${name}: in a rebuild`, () =>
    withProjections([model], (db, folder) => {
      projectionRunner(db, [model]).apply(events)
      db.pragma('wal_checkpoint(TRUNCATE)')
      const draft = join(folder, 'read-models.draft')
      copyFileSync(join(folder, 'read-models.db'), draft)
      const { db: again, rebuilt } = openDraftFile(draft, [model], [model.name])
      try {
        const runner = projectionRunner(again, rebuilt, true)
        assert.is(runner.checkpoint(), '0')
        runner.applyPage(events)
        runner.commit()
        finishDraft(again, rebuilt)
        assert.equal(show(again), expected)
      } finally {
        again.close()
      }
    }))
}
