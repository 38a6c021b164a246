import type { LogId } from '../../../domain/event-log/anchor.ts'
import { comparePositions, start, positionOf, type Position } from '../../../domain/event-log/envelope.ts'
import { readable, type EventStore, type StoredEvent } from '../../../domain/event-log/event-store.ts'

/** An event up to which all is done: its position, and the first 12 hex digits of its hash; empty for the log's start. */
export interface LivePlace {
  readonly position: Position
  readonly hash: string
}

/**
 * How far a client has received the log: every append up to `done`, and this many messages of the next append that has
 * any for it.
 */
export interface LiveProgress {
  readonly done: LivePlace
  readonly messages: number
}

/** The id of a message, with which a client resumes exactly behind it: its progress, and the log that it is of. */
export interface LiveEventId {
  readonly progress: LiveProgress
  readonly log: LogId
}

export const startOfLog: LivePlace = { position: start, hash: '' }

export const livePlaceOf = ({ position, hash }: Pick<StoredEvent, 'position' | 'hash'>): LivePlace => ({
  position,
  hash: hash.slice(0, 12),
})

/** `position.messages.log.hash`; without the log and the hash at the start of an empty one. */
export const printEventId = ({ progress: { done, messages }, log }: LiveEventId): string =>
  [done.position, messages, log, done.hash].filter((part) => part !== '').join('.')

/** Null for a text that no message of this server has as its id. */
export const parseEventId = (text: string): LiveEventId | null => {
  const [, digits, messages, log = '', hash = ''] =
    /^(\d{1,20})\.(\d)(?:\.([\da-f]{12}))?(?:\.([\da-f]{12}))?$/.exec(text) ?? []
  return digits === undefined || messages === undefined
    ? null
    : { progress: { done: { position: positionOf(BigInt(digits)), hash }, messages: Number(messages) }, log }
}

/**
 * Whether this log, whose identity is `logId`, is the one that an id is of: the same in the same store, with the same event at the position.
 * `unplaced`: the position is none of an event of this log. @throws UnreadableLog
 */
export const standingOfId = async (
  store: EventStore,
  logId: LogId,
  { progress: { done, messages }, log }: LiveEventId,
): Promise<'known' | 'other-log' | 'unplaced'> => {
  // The start is the same in every log.
  if (done.position === start && messages === 0) return 'known'
  if (log !== logId) return 'other-log'
  if (done.position === start) return 'known'
  const event = readable(await store.eventAt(done.position)())
  if (event === null) return 'unplaced'
  return livePlaceOf(event).hash === done.hash ? 'known' : 'other-log'
}

/** Whether the progress is behind the place. */
export const isBehind = ({ done }: LiveProgress, place: LivePlace): boolean =>
  comparePositions(done.position, place.position) < 0
