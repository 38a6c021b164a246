import { isObject } from '../codec.ts'
import { erased, type RecordedEvent } from './envelope.ts'

type JsonObject = Readonly<Record<string, unknown>>

/** A deep merge: `{author: {id}}` and `{author: {name}}` become one author. */
const merged = (facts: JsonObject, personal: JsonObject): JsonObject => {
  const all: Record<string, unknown> = { ...facts }
  for (const [key, value] of Object.entries(personal)) {
    const fact = all[key]
    all[key] = isObject(fact) && isObject(value) ? merged(fact, value) : value
  }
  return all
}

const noNames = { actor: {}, via: {} }

/**
 * An event as the history shows it (docs/api.md): facts and personal part merged into one `data`, names at their actors.
 * Where the personal part was erased, only facts and ids remain and `erased` is true.
 */
export const toHistoryJson = (event: RecordedEvent): JsonObject => {
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
