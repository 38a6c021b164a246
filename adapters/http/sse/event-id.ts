import { comparePositions, start, positionOf, type Position } from '../../../domain/event-log/envelope.ts'
import { readable, type EventStore } from '../../../domain/event-log/event-store.ts'
import { sha256 } from '../../crypto.ts'

/**
 * How far a client has received the log: every append up to `done`, and this many messages of the next append that has
 * any for it.
 */
export interface LiveProgress {
  readonly done: Position
  readonly messages: number
}

/** The id of a message, with which a client resumes exactly behind it: its progress, and the log that it is of. */
export interface LiveEventId {
  readonly progress: LiveProgress
  /** As `logIdentityOf`; empty for a log that was empty. */
  readonly log: string
}

export const printEventId = ({ progress: { done, messages }, log }: LiveEventId): string =>
  `${done}.${messages}${log === '' ? '' : `.${log}`}`

/** Null for a text that no message of this server has as its id. */
export const parseEventId = (text: string): LiveEventId | null => {
  const [, done, messages, log = ''] = /^(\d{1,20})\.(\d)(?:\.([\da-f]{12}))?$/.exec(text) ?? []
  return done === undefined || messages === undefined
    ? null
    : { progress: { done: positionOf(BigInt(done)), messages: Number(messages) }, log }
}

/**
 * Identifies a log, and tells it from its copies in other stores, where the same events have other positions: 12 hex
 * digits made from the first event and its position; empty for an empty log. @throws Error where it cannot be read.
 */
export const logIdentityOf = async (log: EventStore): Promise<string> => {
  const [first] = readable(await log.readLog(start, 1)())
  return first === undefined ? '' : sha256(`${first.position} ${first.hash}`).slice(0, 12)
}

/** Whether the progress is behind the position. */
export const isBehind = ({ done }: LiveProgress, position: Position): boolean => comparePositions(done, position) < 0
