import type { Sha256 } from '../event-log/hash.ts'
import { fromBase64, fromHex, toBase64, toHex } from './base64.ts'

/**
 * Signed notes (C2SP signed-note, Ed25519): a text whose lines end in `\n`, an empty line, and a line for each signature,
 * `— NAME BASE64`; the base64 is the key's id (four bytes) and the signature of the text.
 */

/** The signature of a message: 64 bytes. */
export type Sign = (message: Uint8Array) => Uint8Array
/** Whether the signature of the message is by the key with these 32 public bytes. */
export type VerifySignature = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean

/** A signer: a name without spaces and plus signs, and an Ed25519 public key. */
export interface NoteKey {
  readonly name: string
  readonly publicKey: Uint8Array
}

const ed25519 = 1
const [keyBytes, idBytes, signatureBytes] = [32, 4, 64]
const utf8 = new TextEncoder()

/** The key id: four bytes as hex, by which a reader finds the key. It is no proof. */
const keyId = (sha256: Sha256, { name, publicKey }: NoteKey): string =>
  sha256(Uint8Array.of(...utf8.encode(name), 10, ed25519, ...publicKey)).slice(0, 2 * idBytes)

/** `NAME+ID+BASE64`: the text form of a public key (a verifier key in C2SP). */
export const writeKey = (sha256: Sha256, key: NoteKey): string =>
  `${key.name}+${keyId(sha256, key)}+${toBase64(Uint8Array.of(ed25519, ...key.publicKey))}`

/** The reverse of `writeKey`; null for any other text. */
export const readKey = (sha256: Sha256, text: string): NoteKey | null => {
  const [, name, id, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text) ?? []
  const bytes = encoded === undefined ? null : fromBase64(encoded)
  if (name === undefined || bytes === null || bytes.length !== 1 + keyBytes || bytes[0] !== ed25519) return null
  const key = { name, publicKey: bytes.slice(1) }
  return keyId(sha256, key) === id ? key : null
}

/** `text` must end in a line feed. */
export const signNote = (sha256: Sha256, key: NoteKey, sign: Sign, text: string): string => {
  const signature = Uint8Array.of(...fromHex(keyId(sha256, key)), ...sign(utf8.encode(text)))
  return `${text}\n— ${key.name} ${toBase64(signature)}\n`
}

interface Signature {
  readonly name: string
  readonly bytes: Uint8Array
}

const readSignature = (line: string): Signature | null => {
  const [, name, encoded] = /^— (\S+) (\S+)$/.exec(line) ?? []
  const bytes = encoded === undefined ? null : fromBase64(encoded)
  return name === undefined || bytes === null ? null : { name, bytes }
}

/** The text of a note that this key signed, perhaps among others; null for any other note. */
export const openNote = (sha256: Sha256, key: NoteKey, verify: VerifySignature, note: string): string | null => {
  const cut = note.lastIndexOf('\n\n')
  if (cut < 0 || !note.endsWith('\n')) return null
  const text = note.slice(0, cut + 1)
  const signatures = note
    .slice(cut + 2, -1)
    .split('\n')
    .map(readSignature)
  if (signatures.includes(null)) return null
  const id = keyId(sha256, key)
  const isOurs = (signature: Signature | null): boolean =>
    signature?.name === key.name &&
    signature.bytes.length === idBytes + signatureBytes &&
    toHex(signature.bytes.slice(0, idBytes)) === id &&
    verify(key.publicKey, utf8.encode(text), signature.bytes.slice(idBytes))
  return signatures.some(isOurs) ? text : null
}
