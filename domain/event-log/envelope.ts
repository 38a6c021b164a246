import * as t from 'io-ts'
import { ActorRef, type PersonalNames } from '../actor.ts'
import type { DomainEvent } from './event-types.ts'

/**
 * What stands around every event. `commandId` is the command that caused it, `fingerprint` a digest of that command's
 * body (so that a repeated key is recognised in the stream), `via` the service that acted for the actor,
 * `imported` the source of an import (such events tell nobody anything by mail).
 * Times are ISO 8601 in UTC with milliseconds.
 */
export const Envelope = t.readonly(
  t.intersection([
    t.strict({
      id: t.string,
      stream: t.string,
      version: t.number,
      type: t.string,
      schema: t.number,
      occurredAt: t.string,
      recordedAt: t.string,
      actor: ActorRef,
      commandId: t.string,
      correlationId: t.string,
      fingerprint: t.string,
    }),
    t.partial({ via: ActorRef, imported: t.string }),
  ]),
)
export type Envelope = t.TypeOf<typeof Envelope>

/** The personal part was erased; facts and hash remain. Every reader has an answer for it. */
export const erased = Symbol('erased')
export type Erased = typeof erased

/** Names of those who acted stand in each event's personal part beside the event's own texts. */
export interface ActorNames {
  readonly actor: PersonalNames
  readonly via?: PersonalNames
}

/** An event as read from the log: the envelope, its place, and its two parts in their present shape. */
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

/** A place in the log: a decimal string that grows along it. Stores give it; all others compare and print it. */
export type Position = string

export const start: Position = '0'

/** Negative, zero or positive, as `a` stands before, at or after `b`. */
export const comparePositions = (a: Position, b: Position): number =>
  a.length === b.length ? (a < b ? -1 : a > b ? 1 : 0) : a.length - b.length

/** The one that stands before the others; the start where there is none. */
export const earliest = ([first = start, ...others]: readonly Position[]): Position =>
  others.reduce((least, each) => (comparePositions(each, least) < 0 ? each : least), first)
