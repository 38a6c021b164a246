import * as t from 'io-ts'
import type { StoredEvent } from './event-store.ts'
import { plainEvent } from './history-json.ts'
import { readEvent } from './decode-event.ts'

const orNull = t.union([t.string, t.null])

/** What an event must say of itself to be restored, or checked by another program. */
export const ExactEvent = t.type({
  position: t.string,
  stream: t.string,
  version: t.number,
  id: t.string,
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
export type ExactEvent = t.TypeOf<typeof ExactEvent>

/**
 * An event as it leaves the house: the history's plain fields for readers, and under `exact` the stored bytes, enough
 * to restore it and to check its hash with another program (rulings, 4). An unknown event goes by its bytes alone.
 */
export const exactEvent = (stored: StoredEvent): ExactEvent => {
  const event = readEvent(stored)
  const { position, stream, version, id, type, previousHash, hash } = stored
  const { envelope, data, personal, salt, personalDigest } = stored
  const known = { position, stream, version, id, type, previousHash, hash }
  return {
    ...(event === null ? known : { ...plainEvent(event), ...known }),
    exact: { envelope, data, personal, salt, personalDigest },
  }
}

/** The stored event in an exact one. */
export const storedOf = ({
  position,
  stream,
  version,
  id,
  type,
  previousHash,
  hash,
  exact,
}: ExactEvent): StoredEvent => ({
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
