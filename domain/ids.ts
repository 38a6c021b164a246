import type { Sha256 } from './event-log/hash.ts'

/**
 * Ids derived from what they name, so that a repeated command finds what it made the first time
 * (docs/adr/0011-ids-keys-and-repeated-commands.md).
 */

/** JSON keeps the parts apart: ("a", "bc") and ("ab", "c") have different digests. */
const digest = (sha256: Sha256, parts: readonly string[]): string => sha256(JSON.stringify(parts))

/** A UUID of version 8 (RFC 9562, section 5.8) from 122 bits of the digest. */
export const derivedUuid = (sha256: Sha256, ...parts: readonly string[]): string => {
  const hex = digest(sha256, parts)
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/**
 * The nth candidate for a ticket's id: `T-` and 8 characters of Crockford base32 (40 bits), short enough
 * to be read out on the phone. 40 bits collide: the caller takes the first candidate whose stream is empty or its own.
 */
export const ticketIdCandidate = (sha256: Sha256, scope: string, key: string, n: number): string => {
  const hex = digest(sha256, ['ticket', scope, key, String(n)])
  const base32 = (bits: number): string => [15, 10, 5, 0].map((shift) => crockford[(bits >> shift) & 31]).join('')
  return `T-${base32(Number.parseInt(hex.slice(0, 5), 16))}${base32(Number.parseInt(hex.slice(5, 10), 16))}`
}

/**
 * A command's id from its key, which belongs to a caller (`scope`) and a ticket (`target`; empty for opening). The key
 * itself is not kept.
 */
export const commandIdOf = (sha256: Sha256, scope: string, target: string, key: string): string =>
  derivedUuid(sha256, 'command', scope, target, key)

/** Members in the order of their names: the order in which a caller wrote them has no meaning. */
const ordered = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(members.map(([name, member]) => [name, ordered(member)]))
}

/** A digest of a command's canonical JSON, 64 hex digits: tells a repeated command from another under the same key. */
export const fingerprintOf = (sha256: Sha256, command: unknown): string =>
  digest(sha256, [JSON.stringify(ordered(command))])

export const isTicketId = (text: string): boolean => /^T-[0-9A-HJKMNP-TV-Z]{8}$/.test(text)

/**
 * The prefixes of all stream names. A store that others write to as well is read through a filter on them: events of a
 * stream with another prefix would never be delivered.
 */
export const streamKinds = ['ticket-', 'reader-', 'import-', 'mail-'] as const

export const ticketStream = (ticket: string): string => `ticket-${ticket}`

/** Person ids may hold any character: they are escaped, so that two people never share a stream. */
export const userStream = (person: string): string => `reader-${encodeURIComponent(person)}`

export const importStream = (source: string): string => `import-${encodeURIComponent(source)}`

/** The outbox log of servers that share a log (docs/adr/0021-notifications-and-mail-outbox.md). */
export const mailStream = 'mail-outbox'

let [lastStream, lastTicket]: [string, string | null] = ['', null]

/**
 * The ticket's id, or null for a stream of another kind. All projections call this with the same event one after the other: the last
 * answer is kept, since a new string would have to be hashed again by each of their maps.
 */
export const ticketOfStream = (stream: string): string | null => {
  if (stream === lastStream) return lastTicket
  lastTicket = stream.startsWith('ticket-') ? stream.slice('ticket-'.length) : null
  lastStream = stream
  return lastTicket
}
