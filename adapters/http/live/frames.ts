import { comparePositions, type Position } from '../../../domain/events/envelope.ts'
import { ticketOfStream } from '../../../domain/ids.ts'
import type { StoredEvent } from '../../../domain/event-store.ts'
import { appendsOf } from '../../event-store/appends.ts'

/**
 * Where a reader of the stream stands: everything up to `done` was delivered, and so many messages of the next append
 * that has any for them. It is the id of a message, so that a reader comes back to exactly what follows.
 */
export interface Place {
  readonly done: Position
  readonly beyond: number
}

const placeText = ({ done, beyond }: Place): string => `${done}.${beyond}`

/** Null for what is no id of ours. */
export const placeOf = (text: string): Place | null => {
  const [, done, beyond] = /^(\d{1,20})\.(\d)$/.exec(text) ?? []
  return done === undefined || beyond === undefined
    ? null
    : { done: done.replace(/^0+(?=\d)/, ''), beyond: Number(beyond) }
}

export interface Message {
  readonly event: 'ticket' | 'notification' | 'counters'
  readonly data: unknown
}

/** A message in the words of server-sent events; JSON holds no line break. */
export const frame = (place: Place, { event, data }: Message): string =>
  `id: ${placeText(place)}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`

/** Nothing to see, and everything up to here was delivered. */
export const heartbeat = (place: Place): string => `: \nid: ${placeText(place)}\n\n`

/** What one append did to a ticket. */
export interface Change {
  /** Of its first and its last event. */
  readonly first: Position
  readonly last: Position
  readonly ticket: string
  readonly version: number
}

/** The appends that changed a ticket, in log order. The events are whole appends. */
export const changesOf = (events: readonly StoredEvent[]): readonly Change[] =>
  appendsOf(events).flatMap((append): Change[] => {
    const [first, last] = [append[0], append.at(-1)]
    const ticket = first === undefined ? null : ticketOfStream(first.stream)
    return first === undefined || last === undefined || ticket === null
      ? []
      : [{ first: first.position, last: last.position, ticket, version: last.version }]
  })

export const isWithin = (position: Position, { first, last }: Change): boolean =>
  comparePositions(position, first) >= 0 && comparePositions(position, last) <= 0
