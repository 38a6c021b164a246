import { comparePositions, type Position } from '../../../domain/event-log/envelope.ts'
import { ticketOfStream } from '../../../domain/ids.ts'
import type { StoredEvent } from '../../../domain/event-log/event-store.ts'
import { appendsOf } from '../../event-store/appends.ts'

/**
 * Where a reader of the stream stands: everything up to `done` was delivered, and so many messages of the next append
 * that has any for them. It is in the id of a message, so that a reader comes back to exactly what follows.
 */
export interface Place {
  readonly done: Position
  readonly beyond: number
}

/** The id of a message: a place, and the log where it is one (`markOf`; empty for one that was empty). */
export interface LastId {
  readonly place: Place
  readonly log: string
}

const idText = ({ place: { done, beyond }, log }: LastId): string => `${done}.${beyond}${log === '' ? '' : `.${log}`}`

/** Null for what is no id of ours. */
export const lastIdOf = (text: string): LastId | null => {
  const [, done, beyond, log = ''] = /^(\d{1,20})\.(\d)(?:\.([\da-f]{12}))?$/.exec(text) ?? []
  return done === undefined || beyond === undefined
    ? null
    : { place: { done: done.replace(/^0+(?=\d)/, ''), beyond: Number(beyond) }, log }
}

export interface Message {
  readonly event: 'ticket' | 'notification' | 'counters'
  readonly data: unknown
}

/** A message in the words of server-sent events; JSON holds no line break. */
export const frame = (id: LastId, { event, data }: Message): string =>
  `id: ${idText(id)}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`

/** Nothing to see, and everything up to here was delivered. */
export const heartbeat = (id: LastId): string => `: \nid: ${idText(id)}\n\n`

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
