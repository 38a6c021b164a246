import type { Sha256 } from '../event-log/hash.ts'
import { fromBase64, fromHex, toBase64, toHex } from './base64.ts'
import { openNote, signNote, type NoteKey, type Sign, type VerifySignature } from './note.ts'

/** A tree head: the number of events in the log, and the root of the Merkle tree over them as 64 hex digits. */
export interface TreeHead {
  readonly size: number
  readonly root: string
}

/** A signed tree head as a C2SP checkpoint (tlog-checkpoint); the origin is the name of the key. */
export const signHead = (sha256: Sha256, key: NoteKey, sign: Sign, { size, root }: TreeHead): string =>
  signNote(sha256, key, sign, `${key.name}\n${size}\n${toBase64(fromHex(root))}\n`)

/** The head of a checkpoint that this key signed for its own log; null for any other text. */
export const openHead = (
  sha256: Sha256,
  key: NoteKey,
  verify: VerifySignature,
  checkpoint: string,
): TreeHead | null => {
  const text = openNote(sha256, key, verify, checkpoint)
  const [origin, size = '', root = ''] = (text ?? '').split('\n')
  const bytes = fromBase64(root)
  if (origin !== key.name || !/^(0|[1-9]\d{0,15})$/.test(size) || bytes?.length !== 32) return null
  return { size: Number(size), root: toHex(bytes) }
}
