import { dirname } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'
import { codeOf, isDamage, messageOf } from '../../adapters/errors.ts'
import { ownedFile, ownFolder } from '../../adapters/own-files.ts'
import type { Projection } from '../../projections/projection.ts'
import { compareWithBuild, type Comparison } from './compare-with-build.ts'
import { removeDatabase } from './generations.ts'
import { drop, isEmpty, isOfThisRunner, make, makeAppliedTable, makeRunnerTables } from './runner-tables.ts'

type Projections = readonly Projection<unknown>[]

/** An open file, and how its read models fit those of this build. */
interface OpenFile {
  readonly db: Database
  readonly comparison: Comparison
}

/** Opens a file as it is; makes all tables in a new one. Null for a file of another version of the runner. */
const openFile = (file: string, projections: Projections): OpenFile | null => {
  const db = new Sqlite(ownedFile(file), { timeout: 10_000 })
  try {
    db.pragma('journal_mode = WAL')
    // A crash may lose the last batches: the log still has them.
    db.pragma('synchronous = NORMAL')
    // 32 MB, so that the postings of a common word are read from the disk once.
    db.pragma('cache_size = -32000')
    const isUsable = db.transaction(() => {
      if (isEmpty(db)) {
        makeRunnerTables(db)
        for (const each of projections) make(db, each)
      }
      if (!isOfThisRunner(db)) return false
      makeAppliedTable(db)
      return true
    })
    if (isUsable.immediate()) return { db, comparison: compareWithBuild(db, projections) }
  } catch (error) {
    db.close()
    throw error
  }
  db.close()
  return null
}

/** Whether a file is beyond use: damaged, or without the tables that its version says. */
const isUseless = (error: unknown): boolean => isDamage(error) || codeOf(error) === 'SQLITE_ERROR'

/** As `openFile`. A file that looks damaged is read once more: the disk may have failed once. */
const openFileTwice = (file: string, projections: Projections): OpenFile | null => {
  try {
    return openFile(file, projections)
  } catch (error) {
    if (!isUseless(error)) throw error
    return openFile(file, projections)
  }
}

/**
 * Opens a file of read models. A missing one is made. One that is damaged, or of another version of the runner, is
 * removed and made again; `onRemade` gets the reason. Tables of read models that are there are never altered: another
 * build may be using them.
 * @throws Error where the folder cannot hold the file, or the disk fails: the file stays as it is.
 */
export const openReadModelFile = (
  file: string,
  projections: Projections,
  onRemade: (reason: string) => void,
): OpenFile => {
  ownFolder(dirname(file))
  let reason = 'the file was made by another version of the program'
  try {
    const opened = openFileTwice(file, projections)
    if (opened !== null) return opened
  } catch (error) {
    if (!isUseless(error)) throw error
    reason = messageOf(error)
  }
  onRemade(reason)
  removeDatabase(file)
  const remade = openFile(file, projections)
  if (remade === null) throw new Error(`the read models cannot be made in ${file}`)
  return remade
}

/**
 * Opens the file of a draft, which nobody reads: without a sync, and with what undoes a batch in memory. It may hold a
 * copy of a live file. Read models that this build does not have are dropped; those named, and those that differ from
 * this build's, are made anew without their indexes and returned as `rebuilt`.
 */
export const openDraftFile = (file: string, projections: Projections, names: readonly string[]) => {
  const db = new Sqlite(file)
  db.pragma('journal_mode = DELETE')
  db.pragma('synchronous = OFF')
  db.pragma('locking_mode = EXCLUSIVE')
  db.pragma('cache_size = -48000')
  if (isEmpty(db)) makeRunnerTables(db)
  makeAppliedTable(db)
  const { outdated, removed } = compareWithBuild(db, projections)
  const rebuilt = projections.filter(({ name }) => names.includes(name) || outdated.includes(name))
  for (const name of [...removed, ...rebuilt.map((each) => each.name)]) drop(db, name)
  for (const each of rebuilt) make(db, each, false)
  return { db, rebuilt }
}

/** Makes the indexes that `openDraftFile` left out, and gives the file the form in which a server opens it. */
export const finishDraft = (db: Database, rebuilt: Projections): void => {
  for (const { indexes } of rebuilt) if (indexes !== undefined) db.exec(indexes)
  db.pragma('journal_mode = WAL')
}

/** Whether a live file can be copied as the beginning of a draft. */
export const canBeCopied = (file: string): boolean => {
  const db = new Sqlite(file, { readonly: true, timeout: 10_000 })
  try {
    return isOfThisRunner(db)
  } catch {
    return false
  } finally {
    db.close()
  }
}

/** Names of this build's read models that are missing in a file or not current; it is only read. */
export const outdatedIn = (file: string, projections: Projections): readonly string[] => {
  const db = new Sqlite(file, { readonly: true, timeout: 10_000 })
  try {
    return isOfThisRunner(db) ? compareWithBuild(db, projections).outdated : projections.map(({ name }) => name)
  } finally {
    db.close()
  }
}
