/**
 * The hash rule (rulings, 2). What was hashed is kept as the exact bytes and never serialised again to be checked,
 * so any program with SHA-256 can check an event.
 */

/** SHA-256 over the parts in order, as 64 lower-case hex digits. */
export type Sha256 = (bytes: Uint8Array) => string

const utf8 = new TextEncoder()

/** The value of a hex digit's character code: 0 to 9, then a to f. */
const digitOf = (code: number): number => (code <= 57 ? code - 48 : code - 87)

/** Loops over codes: this runs four times for every event of every load. */
const hexBytes = (hex: string): Uint8Array => {
  const bytes = new Uint8Array(hex.length >> 1)
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = (digitOf(hex.charCodeAt(2 * at)) << 4) | digitOf(hex.charCodeAt(2 * at + 1))
  }
  return bytes
}

/** A tag, then each part behind its length as eight big-endian bytes, so that no two lists of parts read alike. */
const framed = (tag: string, parts: readonly Uint8Array[]): Uint8Array => {
  const head = utf8.encode(tag)
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + 8 + part.length, head.length))
  const view = new DataView(bytes.buffer)
  bytes.set(head)
  let at = head.length
  for (const part of parts) {
    // The upper four bytes stay zero: no part is 4 GB long.
    view.setUint32(at + 4, part.length)
    bytes.set(part, at + 8)
    at += 8 + part.length
  }
  return bytes
}

/** The salted digest of the personal part: it stays when the part and its salt are erased. */
export const personalDigest = (sha256: Sha256, salt: string, personal: string): string =>
  sha256(framed('ledgerdesk/personal/1\n', [hexBytes(salt), utf8.encode(personal)]))

export const eventHash = (
  sha256: Sha256,
  event: {
    readonly envelope: string
    readonly data: string
    readonly personalDigest: string
    readonly previousHash: string
  },
): string =>
  sha256(
    framed('ledgerdesk/event/1\n', [
      utf8.encode(event.envelope),
      utf8.encode(event.data),
      hexBytes(event.personalDigest),
      hexBytes(event.previousHash),
    ]),
  )

const isHex = (text: string, bytes: number): boolean => text.length === bytes * 2 && /^[0-9a-f]*$/.test(text)

/**
 * Whether stored bytes are the ones that were sealed. An erased part is taken on its digest's word (rulings, 5). Hex
 * digits count as bytes too: the hash reads through their case and past strays among them, so they are held to one form.
 */
export const isIntact = (
  sha256: Sha256,
  event: {
    readonly envelope: string
    readonly data: string
    readonly personal: string | null
    readonly salt: string | null
    readonly personalDigest: string
    readonly previousHash: string
    readonly hash: string
  },
): boolean =>
  isHex(event.personalDigest, 32) &&
  (event.previousHash === '' || isHex(event.previousHash, 32)) &&
  (event.personal === null ||
    (event.salt !== null &&
      isHex(event.salt, 16) &&
      personalDigest(sha256, event.salt, event.personal) === event.personalDigest)) &&
  eventHash(sha256, event) === event.hash
