import * as t from 'io-ts'
import { EventId, StreamName } from '../ids.ts'
import type { StoredEvent } from './event-store.ts'
import { toHistoryJson } from './history-json.ts'
import { decodeEvent } from './decode-event.ts'
import { StoredPosition } from './envelope.ts'

const orNull = t.union([t.string, t.null])

/** The members of an exported event that are needed to restore it or to check it with another program. */
export const ExportedEvent = t.type({
  position: StoredPosition,
  stream: StreamName,
  version: t.number,
  id: EventId,
  type: t.string,
  previousHash: t.string,
  hash: t.string,
  exact: t.type({
    envelope: t.string,
    data: t.string,
    personal: orNull,
    salt: orNull,
    personalDigest: t.string,
  }),
})
export type ExportedEvent = t.TypeOf<typeof ExportedEvent>

/**
 * An event as `export`, the history with `exact` and proof bundles show it: history JSON, and under `exact` the stored
 * bytes, which suffice to restore the event and to check its hash with another program (docs/proof-format.md). An event
 * of an unknown type has its bytes alone.
 */
export const toExportJson = (stored: StoredEvent): ExportedEvent => {
  const event = decodeEvent(stored)
  const { position, stream, version, id, type, previousHash, hash } = stored
  const { envelope, data, personal, salt, personalDigest } = stored
  const columns = { position, stream, version, id, type, previousHash, hash }
  return {
    ...(event === null ? columns : { ...toHistoryJson(event), ...columns }),
    exact: { envelope, data, personal, salt, personalDigest },
  }
}

/** The reverse of `toExportJson`, by the stored bytes alone. */
export const storedOf = ({
  position,
  stream,
  version,
  id,
  type,
  previousHash,
  hash,
  exact,
}: ExportedEvent): StoredEvent => ({
  position,
  stream,
  version,
  id,
  type,
  previousHash,
  hash,
  envelope: exact.envelope,
  data: exact.data,
  personal: exact.personal,
  salt: exact.salt,
  personalDigest: exact.personalDigest,
})
