import Sqlite from 'better-sqlite3'
import { left, right } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { readable, type EventStore } from '../../domain/event-log/event-store.ts'
import { envelopeOf, start, type Position } from '../../domain/event-log/envelope.ts'
import { setNames } from '../../projections/registry.ts'
import { Failed, type Failure } from '../failures.ts'
import { isOfLog } from '../projections/file-anchor.ts'
import { fileInUse } from '../projections/generations.ts'
import { checkpointsIn, readStatus, type ProjectionStatus } from '../projections/runner-tables.ts'
import { print } from './output.ts'

/** Seconds since the first event after a position was recorded; 0 where there is none. */
const lagBehind = async (store: EventStore, position: Position, now: number): Promise<number> => {
  const [event] = readable(await store.readLog(position, 1)())
  if (event === undefined) return 0
  const { recordedAt } = envelopeOf(event)
  return Math.max(0, (now - Date.parse(recordedAt)) / 1000)
}

const statusIn = async (store: EventStore, file: string | null, now: number): Promise<readonly ProjectionStatus[]> => {
  if (file === null) return []
  const db = new Sqlite(file, { readonly: true, timeout: 10_000 })
  try {
    if (!(await isOfLog(store, db))) throw new Failed({ code: 'ReadModelsOfAnotherLog', file })
    const position = checkpointsIn(db)[0]?.position ?? start
    return readStatus(db, await lagBehind(store, position, now))
  } finally {
    db.close()
  }
}

/** `projections`: prints the response of `GET /v1/projections`, by the files of the read models. */
export const printProjections =
  (store: EventStore, folder: string, now: number): TaskEither<Failure, void> =>
  async () => {
    const items: ProjectionStatus[] = []
    for (const set of setNames) items.push(...(await statusIn(store, fileInUse(folder, set), now)))
    if (items.length === 0) {
      return left({
        code: 'NotFound',
        what: `read model in ${folder} yet`,
        remedy: 'run ledgerdesk serve, which makes them',
      })
    }
    await print(JSON.stringify({ items }, null, 2))
    return right(undefined)
  }
