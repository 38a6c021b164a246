import * as t from 'io-ts'
import { documented, externalText } from './codec.ts'
import type { Sha256 } from './event-log/hash.ts'

/**
 * The ids of the domain, each a text under a brand of its own, so that one cannot stand in another's place. A text gets its
 * brand where it comes in, from one of these codecs or from the row type of a query, and where it is made, below. Brands
 * exist at compile time only: stored events and rows are not checked again (docs/adr/0030-branded-ids.md).
 */

/** The same codec, with the values that it decodes under a brand. */
export const branded = <B>(codec: t.Type<string, string, unknown>) =>
  codec as unknown as t.Type<t.Branded<string, B>, t.Branded<string, B>, unknown>

interface TicketBrand {
  readonly TicketId: unique symbol
}
/** `T-` and 8 characters of Crockford base32. */
export const TicketId = documented(
  { type: 'string', pattern: '^T-[0-9A-HJKMNP-TV-Z]{8}$' },
  t.brand(t.string, (id): id is t.Branded<string, TicketBrand> => /^T-[0-9A-HJKMNP-TV-Z]{8}$/.test(id), 'TicketId'),
)
export type TicketId = t.TypeOf<typeof TicketId>
/** As a stored event or a file of this program names a ticket: any text. */
export const StoredTicketId = branded<TicketBrand>(t.string)

interface PersonBrand {
  readonly PersonId: unique symbol
}
/** Chosen by the identity provider: any text. */
export const PersonId = branded<PersonBrand>(t.string)
export type PersonId = t.TypeOf<typeof PersonId>
/** As a token or a request names a person. */
export const ExternalPersonId = branded<PersonBrand>(externalText)

interface AccountBrand {
  readonly AccountId: unique symbol
}
/** Chosen by the identity provider: any text. */
export const AccountId = branded<AccountBrand>(t.string)
export type AccountId = t.TypeOf<typeof AccountId>
/** As a token or a request names an account. */
export const ExternalAccountId = branded<AccountBrand>(externalText)

interface StreamBrand {
  readonly StreamName: unique symbol
}
export const StreamName = branded<StreamBrand>(t.string)
export type StreamName = t.TypeOf<typeof StreamName>

interface CommandBrand {
  readonly CommandId: unique symbol
}
export const CommandId = branded<CommandBrand>(t.string)
export type CommandId = t.TypeOf<typeof CommandId>

interface EventBrand {
  readonly EventId: unique symbol
}
export const EventId = branded<EventBrand>(t.string)
export type EventId = t.TypeOf<typeof EventId>
/** As a request names an event. */
export const ExternalEventId = branded<EventBrand>(externalText)

/** For the people and services that the program itself names. */
export const personId = (text: string): PersonId => text as PersonId
export const accountId = (text: string): AccountId => text as AccountId

/*
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
export const ticketIdCandidate = (sha256: Sha256, owner: string, key: string, n: number): TicketId => {
  const hex = digest(sha256, ['ticket', owner, key, String(n)])
  const base32 = (bits: number): string => [15, 10, 5, 0].map((shift) => crockford[(bits >> shift) & 31]).join('')
  return `T-${base32(Number.parseInt(hex.slice(0, 5), 16))}${base32(Number.parseInt(hex.slice(5, 10), 16))}` as TicketId
}

/**
 * A command's id from its key, which belongs to an owner (a caller or an import) and a ticket (`target`; null for opening). The key
 * itself is not kept.
 */
export const commandIdOf = (sha256: Sha256, owner: string, target: TicketId | null, key: string): CommandId =>
  derivedUuid(sha256, 'command', owner, target ?? '', key) as CommandId

/** The id of a command that nobody repeats by a key, from a random UUID. */
export const commandIdFrom = (uuid: string): CommandId => uuid as CommandId

/** The id of a command's nth event in a stream, so that a repeated append has the same ids. */
export const eventIdOf = (sha256: Sha256, command: CommandId, stream: StreamName, n: number): EventId =>
  derivedUuid(sha256, 'event', command, stream, String(n)) as EventId

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

/**
 * The prefixes of all stream names. A store that others write to as well is read through a filter on them: events of a
 * stream with another prefix would never be delivered.
 */
export const streamKinds = ['ticket-', 'reader-', 'import-', 'mail-', 'ledgerdesk-'] as const

export const ticketStream = (ticket: TicketId): StreamName => `ticket-${ticket}` as StreamName

/** Person ids may hold any character: they are escaped, so that two people never share a stream. */
export const userStream = (person: PersonId): StreamName => `reader-${encodeURIComponent(person)}` as StreamName

export const importStream = (source: string): StreamName => `import-${encodeURIComponent(source)}` as StreamName

/** The outbox log of servers that share a log (docs/adr/0021-notifications-and-mail-outbox.md). */
export const mailStream = 'mail-outbox' as StreamName

/** The end of a log: a stream of one event, so that of two seals one is refused (docs/adr/0033-log-identity.md). */
export const sealStream = 'ledgerdesk-seal' as StreamName

let [lastStream, lastTicket]: [string, TicketId | null] = ['', null]

/**
 * The ticket's id, or null for a stream of another kind. All projections call this with the same event one after the other: the last
 * answer is kept, since a new string would have to be hashed again by each of their maps.
 */
export const ticketOfStream = (stream: StreamName): TicketId | null => {
  if (stream === lastStream) return lastTicket
  lastTicket = stream.startsWith('ticket-') ? (stream.slice('ticket-'.length) as TicketId) : null
  lastStream = stream
  return lastTicket
}

/** The ticket of an event whose type is written to streams of tickets only; an empty id where it stands elsewhere. */
export const ticketOf = ({ stream }: { readonly stream: StreamName }): TicketId =>
  ticketOfStream(stream) ?? ('' as TicketId)
