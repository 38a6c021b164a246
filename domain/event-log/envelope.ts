import * as t from 'io-ts'
import { ActorRef, type PersonalNames } from '../actor.ts'
import { documented } from '../codec.ts'
import { branded, CommandId, EventId, StreamName } from '../ids.ts'
import type { DomainEvent } from './event-types.ts'

/**
 * The metadata of every event. `commandId` is the command that caused it, `fingerprint` a digest of that command's body,
 * by which a repeated idempotency key is recognised, `via` the service that acted for the actor, `imported` the source of
 * an import: such events cause no mail. Times are ISO 8601 in UTC with milliseconds.
 */
export const Envelope = t.readonly(
  t.intersection([
    t.strict({
      id: EventId,
      stream: StreamName,
      version: t.number,
      type: t.string,
      schema: t.number,
      occurredAt: t.string,
      recordedAt: t.string,
      actor: ActorRef,
      commandId: CommandId,
      correlationId: t.string,
      fingerprint: t.string,
    }),
    t.partial({ via: ActorRef, imported: t.string }),
  ]),
)
export type Envelope = t.TypeOf<typeof Envelope>

/** The envelope of a stored event, whose bytes are trusted by their hash. @throws SyntaxError where they are no JSON. */
export const envelopeOf = ({ envelope }: { readonly envelope: string }): Envelope => {
  const parsed: Envelope = JSON.parse(envelope)
  return parsed
}

/** Stands for a personal part that was erased, while facts and hash remain. All code that reads events handles it. */
export const erased = Symbol('erased')
export type Erased = typeof erased

/** The names of the actor and of the service, kept in the personal part beside the event's own texts. */
export interface ActorNames {
  readonly actor: PersonalNames
  readonly via?: PersonalNames
}

/** A decoded event of the log: the envelope, its position, and its two parts in their current shape. */
export type RecordedEvent<E extends DomainEvent = DomainEvent> = E extends DomainEvent
  ? Omit<Envelope, 'type'> & {
      readonly position: Position
      readonly type: E['type']
      readonly data: E['data']
      readonly personal: (E['personal'] & ActorNames) | Erased
      readonly previousHash: string
      readonly hash: string
    }
  : never

interface PositionBrand {
  readonly Position: unique symbol
}
/** A position in the log: a decimal string that grows along it. Stores assign it; all other code compares and prints it. */
export const Position = documented(
  { type: 'string', pattern: '^[0-9]+$' },
  t.brand(t.string, (text): text is t.Branded<string, PositionBrand> => /^\d+$/.test(text), 'Position'),
)
export type Position = t.TypeOf<typeof Position>
/** As a file of this program names a position: any text. */
export const StoredPosition = branded<PositionBrand>(t.string)

/** The position of this number, as a store counts it. */
export const positionOf = (number: number | bigint): Position => String(number) as Position

export const start: Position = positionOf(0)

/** Negative, zero or positive where `a` is before, at or after `b`. */
export const comparePositions = (a: Position, b: Position): number =>
  a.length === b.length ? (a < b ? -1 : a > b ? 1 : 0) : a.length - b.length

/** The smallest position; `start` for an empty list. */
export const earliest = ([first = start, ...others]: readonly Position[]): Position =>
  others.reduce((least, each) => (comparePositions(each, least) < 0 ? each : least), first)
