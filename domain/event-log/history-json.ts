import { erased, type RecordedEvent } from './envelope.ts'

type Plain = Readonly<Record<string, unknown>>

const isPlain = (value: unknown): value is Plain => typeof value === 'object' && value !== null && !Array.isArray(value)

const merged = (facts: Plain, personal: Plain): Plain => {
  const all: Record<string, unknown> = { ...facts }
  for (const [key, value] of Object.entries(personal)) {
    const fact = all[key]
    all[key] = isPlain(fact) && isPlain(value) ? merged(fact, value) : value
  }
  return all
}

/**
 * An event as a reader of the history sees it (contract, section 5): the two parts merged into one `data`, names back
 * at their actors. Where the personal part was erased, ids and facts stand alone and `erased` is true.
 */
export const plainEvent = (event: RecordedEvent): Plain => {
  const { actor: actorNames, via: viaNames, ...texts } = event.personal === erased ? noNames : event.personal
  return {
    position: event.position,
    stream: event.stream,
    version: event.version,
    id: event.id,
    type: event.type,
    schema: event.schema,
    occurredAt: event.occurredAt,
    recordedAt: event.recordedAt,
    actor: { ...event.actor, ...actorNames },
    ...(event.via === undefined ? {} : { via: { ...event.via, ...viaNames } }),
    commandId: event.commandId,
    correlationId: event.correlationId,
    data: merged(event.data, texts),
    ...(event.personal === erased ? { erased: true } : {}),
    previousHash: event.previousHash,
    hash: event.hash,
  }
}

const noNames = { actor: {}, via: {} }
