import Sqlite from 'better-sqlite3'
import { readable, type EventStore } from '../../domain/event-log/event-store.ts'
import { start, type Envelope, type Position } from '../../domain/event-log/envelope.ts'
import { setNames } from '../../projections/registry.ts'
import { fileInUse } from '../projections/generations.ts'
import { readStatus, type ProjectionStatus } from '../projections/read-model-file.ts'
import { Failure } from './failure.ts'
import { print } from './output.ts'

/** Seconds since the first event after a position was recorded; 0 where there is none. */
const lagBehind = async (store: EventStore, position: Position, now: number): Promise<number> => {
  const [event] = readable(await store.readLog(position, 1)())
  if (event === undefined) return 0
  const { recordedAt }: Envelope = JSON.parse(event.envelope)
  return Math.max(0, (now - Date.parse(recordedAt)) / 1000)
}

const statusIn = async (store: EventStore, file: string | null, now: number): Promise<readonly ProjectionStatus[]> => {
  if (file === null) return []
  const db = new Sqlite(file, { readonly: true, timeout: 10_000 })
  try {
    const position = readStatus(db, 0)[0]?.position ?? start
    return readStatus(db, await lagBehind(store, position, now))
  } finally {
    db.close()
  }
}

/** `projections`: prints what `GET /v1/projections` answers, from the folder's files. */
export const printProjections = async (store: EventStore, folder: string, now: number): Promise<void> => {
  const items: ProjectionStatus[] = []
  for (const set of setNames) items.push(...(await statusIn(store, fileInUse(folder, set), now)))
  if (items.length === 0) throw new Failure(`there are no read models in ${folder} yet; a server makes them`)
  await print(JSON.stringify({ items }, null, 2))
}
