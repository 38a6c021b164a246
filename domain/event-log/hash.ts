/**
 * The hash rule (rulings, 2). What was hashed is kept as the exact bytes and never serialised again to be checked,
 * so any program with SHA-256 can check an event.
 */

/** SHA-256 of bytes, or of a text's UTF-8, as 64 lower-case hex digits. */
export type Sha256 = (content: Uint8Array | string) => string

const utf8 = new TextEncoder()

/** The value of each lower-case hex digit by its character code; 16 for every other character. */
const digits = Uint8Array.from({ length: 256 }, (_, code) => {
  const value = '0123456789abcdef'.indexOf(String.fromCharCode(code))
  return value < 0 ? 16 : value
})

/**
 * The bytes to hash, laid out in place: a tag, then each part behind its length as eight big-endian bytes, so that no
 * two lists of parts read alike. One buffer serves all, since this runs twice for every event of every load; a hash
 * must not keep it.
 */
const frame = () => {
  let bytes = new Uint8Array(16_384)
  let view = new DataView(bytes.buffer)
  let end = 0
  let strays = false

  const room = (more: number): void => {
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
      strays = false
      return frames
    },
    text: (part: string) => {
      room(8 + 3 * part.length)
      const { written } = utf8.encodeInto(part, bytes.subarray(end + 8))
      length(end, written)
      end += 8 + written
      return frames
    },
    hex: (part: string) => {
      const count = part.length >> 1
      room(8 + count)
      length(end, count)
      let seen = part.length & 1 ? 16 : 0
      for (let at = 0; at < count; at++) {
        const high = digits[part.charCodeAt(2 * at)] ?? 16
        const low = digits[part.charCodeAt(2 * at + 1)] ?? 16
        seen |= high | low
        bytes[end + 8 + at] = (high << 4) | low
      }
      if (seen > 15) strays = true
      end += 8 + count
      return frames
    },
    bytes: (): Uint8Array => bytes.subarray(0, end),
    /** Whether a part was hex in its one form: an even number of lower-case digits. */
    isClean: (): boolean => !strays,
  }
  return frames
}

const framed = frame()

/** The salted digest of the personal part: it stays when the part and its salt are erased. */
export const personalDigest = (sha256: Sha256, salt: string, personal: string): string =>
  sha256(framed.begin('ledgerdesk/personal/1\n').hex(salt).text(personal).bytes())

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
    framed
      .begin('ledgerdesk/event/1\n')
      .text(event.envelope)
      .text(event.data)
      .hex(event.personalDigest)
      .hex(event.previousHash)
      .bytes(),
  )

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
  event.personalDigest.length === 64 &&
  (event.previousHash === '' || event.previousHash.length === 64) &&
  (event.personal === null ||
    (event.salt?.length === 32 &&
      personalDigest(sha256, event.salt, event.personal) === event.personalDigest &&
      framed.isClean())) &&
  eventHash(sha256, event) === event.hash &&
  framed.isClean()
