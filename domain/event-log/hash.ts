/**
 * The hash of an event (docs/adr/0008-event-parts-and-hashes.md). Hashed bytes are stored as they are and never
 * serialised again, so any program with SHA-256 can check an event.
 */

/** SHA-256 of bytes, or of a text's UTF-8, as 64 lower-case hex digits. */
export type Sha256 = (content: Uint8Array | string) => string

const utf8 = new TextEncoder()

/** The value of each lower-case hex digit by its character code; 16 for every other character. */
export const hexDigits = Uint8Array.from({ length: 256 }, (_, code) => {
  const value = '0123456789abcdef'.indexOf(String.fromCharCode(code))
  return value < 0 ? 16 : value
})

/**
 * The input of a hash, built in place: a tag, then each part after its length as eight big-endian bytes, so that no two
 * lists of parts give the same input. All calls share one buffer, since this runs twice for every event that is loaded;
 * the hash function must not keep it.
 */
const frame = () => {
  let bytes = new Uint8Array(16_384)
  let view = new DataView(bytes.buffer)
  let end = 0
  let hasInvalidHex = false

  const reserve = (more: number): void => {
    if (end + more <= bytes.length) return
    const larger = new Uint8Array(2 * (end + more))
    larger.set(bytes.subarray(0, end))
    bytes = larger
    view = new DataView(bytes.buffer)
  }
  const length = (at: number, count: number): void => {
    // No part is 4 GB long.
    view.setUint32(at, 0)
    view.setUint32(at + 4, count)
  }

  const frames = {
    begin: (tag: string) => {
      end = utf8.encodeInto(tag, bytes).written
      hasInvalidHex = false
      return frames
    },
    text: (part: string) => {
      reserve(8 + 3 * part.length)
      const { written } = utf8.encodeInto(part, bytes.subarray(end + 8))
      length(end, written)
      end += 8 + written
      return frames
    },
    hex: (part: string) => {
      const count = part.length >> 1
      reserve(8 + count)
      length(end, count)
      let seen = part.length & 1 ? 16 : 0
      for (let at = 0; at < count; at++) {
        const high = hexDigits[part.charCodeAt(2 * at)] ?? 16
        const low = hexDigits[part.charCodeAt(2 * at + 1)] ?? 16
        seen |= high | low
        bytes[end + 8 + at] = (high << 4) | low
      }
      if (seen > 15) hasInvalidHex = true
      end += 8 + count
      return frames
    },
    bytes: (): Uint8Array => bytes.subarray(0, end),
    /** Whether this is the input of the hash, and each of its hex parts has an even number of lower-case digits alone. */
    isHashedTo: (sha256: Sha256, hash: string): boolean => !hasInvalidHex && sha256(bytes.subarray(0, end)) === hash,
  }
  return frames
}

const framed = frame()

interface HashedParts {
  readonly envelope: string
  readonly data: string
  readonly personalDigest: string
  readonly previousHash: string
}

const personalFrame = (salt: string, personal: string) =>
  framed.begin('ledgerdesk/personal/1\n').hex(salt).text(personal)

const eventFrame = ({ envelope, data, personalDigest: digest, previousHash }: HashedParts) =>
  framed.begin('ledgerdesk/event/1\n').text(envelope).text(data).hex(digest).hex(previousHash)

/** The salted digest of a personal part. It is kept when the part and its salt are erased. */
export const personalDigest = (sha256: Sha256, salt: string, personal: string): string =>
  sha256(personalFrame(salt, personal).bytes())

export const eventHash = (sha256: Sha256, event: HashedParts): string => sha256(eventFrame(event).bytes())

/**
 * Whether stored bytes are the ones that were sealed. An erased part is represented by its digest. Hex values must be in
 * their one form, since the hash covers their bytes and would not notice upper case or invalid digits.
 */
export const isIntact = (
  sha256: Sha256,
  event: HashedParts & { readonly personal: string | null; readonly salt: string | null; readonly hash: string },
): boolean =>
  event.personalDigest.length === 64 &&
  (event.previousHash === '' || event.previousHash.length === 64) &&
  (event.personal === null ||
    (event.salt?.length === 32 &&
      personalFrame(event.salt, event.personal).isHashedTo(sha256, event.personalDigest))) &&
  eventFrame(event).isHashedTo(sha256, event.hash)
