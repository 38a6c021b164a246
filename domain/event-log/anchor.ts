import type { StreamName } from '../ids.ts'
import type { Position } from './envelope.ts'
import type { StoredEvent } from './event-store.ts'
import type { Sha256 } from './hash.ts'

/**
 * Identifies a log in one store: 12 hex digits from its first event and that event's position. Copies of a log have the
 * same events, and in another kind of store other positions, which is another identity. Empty for an empty log
 * (docs/adr/0033-log-identity.md).
 */
export type LogId = string

/**
 * What a file that holds a position holds beside it: the log, and the event at that position. The position means
 * something in a log only where that log has this event there.
 */
export interface Anchor {
  readonly log: LogId
  readonly position: Position
  readonly stream: StreamName
  readonly version: number
  /** 64 hex digits. */
  readonly hash: string
}

/** The identity of the log with this first event. */
export const logIdOf = (sha256: Sha256, first: Pick<StoredEvent, 'position' | 'hash'>): LogId =>
  sha256(`${first.position} ${first.hash}`).slice(0, 12)

export const anchorAt = (
  log: LogId,
  { position, stream, version, hash }: Pick<StoredEvent, 'position' | 'stream' | 'version' | 'hash'>,
): Anchor => ({ log, position, stream, version, hash })
