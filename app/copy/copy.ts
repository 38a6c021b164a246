import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { AppendFailure, EventStore, SealedEvent, StoredEvent } from '../../domain/event-log/event-store.ts'
import { start, type Position } from '../../domain/event-log/envelope.ts'
import { isIntact, type Sha256 } from '../../domain/event-log/hash.ts'
import type { StreamName } from '../../domain/ids.ts'
import { attempt, Failed, storeReasonOf, type Failure } from '../failures.ts'
import { logAfter } from '../log-pages.ts'
import { appendBatches } from './append-batches.ts'

export interface Copied {
  /** In both logs, after the copy. */
  readonly events: number
  /** By this call. */
  readonly copied: number
  readonly streams: number
  /** SHA-256 over the hashes of all events in log order, equal for both logs: 64 hex digits. */
  readonly digest: string
}

const progressEvery = 1_000

const isSame = (one: StoredEvent, other: StoredEvent): boolean =>
  one.hash === other.hash && one.stream === other.stream && one.version === other.version && one.id === other.id

/** The event to append to the target: the same bytes without the position. @throws Failed */
const sealed = (sha256: Sha256, event: StoredEvent): SealedEvent => {
  const { position, personal, salt, ...rest } = event
  if (!isIntact(sha256, event)) {
    throw new Failed({ code: 'DamagedEvent', position, reason: 'of the source is damaged, or of another program' })
  }
  if (personal === null || salt === null) throw new Failed({ code: 'ErasedEvent', position })
  return { ...rest, personal, salt }
}

const reasonOf = (failure: AppendFailure): string =>
  failure.tag === 'WrongExpectedVersion' ? `it is at version ${failure.actual}` : storeReasonOf(failure)

/** The part that two logs have in common from the start: its end in the source, and its size. */
interface Common {
  readonly position: Position
  readonly events: number
  readonly streams: number
  readonly digest: string
}

/** Compares the target with the source, event by event. The source may go on behind the target, not the reverse. */
const compareLogs = async (
  from: EventStore,
  to: EventStore,
  sha256: Sha256,
  onProgress: (events: number) => void,
): Promise<E.Either<Failure, Common>> => {
  const source = logAfter(from, start)
  const streams = new Set<StreamName>()
  let [events, position, digest] = [0, start, '']
  for await (const there of logAfter(to, start)) {
    const here = (await source.next()).value
    if (here === undefined)
      return E.left({ code: 'DifferentTarget', reason: 'it holds events that the source has not' })
    if (!isSame(here, there)) {
      return E.left({ code: 'DifferentTarget', reason: `it differs from ${here.stream} ${here.version}` })
    }
    position = here.position
    digest = sha256(digest + here.hash)
    streams.add(here.stream)
    if (++events % progressEvery === 0) onProgress(events)
  }
  return E.right({ events, position, streams: streams.size, digest })
}

/**
 * Copies a log to an empty one, or continues an interrupted copy: ids, order, times, metadata and hashes are kept, the
 * target assigns positions. Appends are made one after the other, since a store keeps no order among concurrent ones.
 * Afterwards both logs are read again and compared. Nothing else may write to the target meanwhile.
 */
export const copyLog = (
  from: EventStore,
  to: EventStore,
  sha256: Sha256,
  onProgress: (events: number) => void,
): TaskEither<Failure, Copied> =>
  attempt(async () => {
    const before = await compareLogs(from, to, sha256, onProgress)
    if (E.isLeft(before)) return before
    const common = before.right
    let copied = 0
    const missing = async function* (): AsyncGenerator<SealedEvent> {
      for await (const event of logAfter(from, common.position)) yield sealed(sha256, event)
    }
    for await (const batch of appendBatches(missing())) {
      const [first] = batch
      if (first === undefined) continue
      const { stream, version } = first
      const appended = await to.append(stream, version - 1, batch)()
      if (E.isLeft(appended)) return E.left({ code: 'RefusedAppend', stream, version, reason: reasonOf(appended.left) })
      copied += batch.length
      onProgress(common.events + copied)
    }
    const after = await compareLogs(from, to, sha256, onProgress)
    if (E.isLeft(after)) return after
    const { events, streams, digest } = after.right
    return events < common.events + copied
      ? E.left({ code: 'DifferentTarget', reason: 'it lost events while they were copied' })
      : E.right({ events, copied, streams, digest })
  })
