import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { AppendFailure, EventStore, SealedEvent, StoredEvent } from '../../domain/event-log/event-store.ts'
import { start, type Position } from '../../domain/event-log/envelope.ts'
import { isIntact, type Sha256 } from '../../domain/event-log/hash.ts'
import type { StreamName } from '../../domain/ids.ts'
import { attempt, Failed, storeReasonOf, type Failure } from '../failures.ts'
import { logAfter, unsealedLog } from '../log-pages.ts'
import { appendBatches } from './append-batches.ts'
import { checkNothingAfterSeal, goesOnAt, sealLog } from './seal.ts'

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

const reasonOf = (failure: AppendFailure): string => {
  switch (failure.tag) {
    case 'WrongExpectedVersion':
      return `it is at version ${failure.actual}`
    case 'LogSealed':
      return `it is sealed, and goes on at ${failure.to}`
    case 'StoreUnavailable':
    case 'StorageFull':
    case 'OutcomeUnknown':
    case 'DamagedStream':
    case 'StoreClosed':
      return storeReasonOf(failure)
  }
}

/** The part that two logs have in common from the start: its end in the source, and its size. */
interface Common {
  readonly position: Position
  readonly events: number
  readonly streams: number
  readonly digest: string
  /** Which of the two goes on behind it; `neither` for equal logs. */
  readonly longer: 'source' | 'target' | 'neither'
}

type OnProgress = (events: number) => void

/** Compares two logs event by event, without the seal of the source. */
const compareLogs = async (
  from: EventStore,
  to: EventStore,
  sha256: Sha256,
  onProgress: OnProgress,
): Promise<E.Either<Failure, Common>> => {
  const source = unsealedLog(from, start)
  const target = logAfter(to, start)
  const streams = new Set<StreamName>()
  let [events, position, digest] = [0, start, '']
  for (;;) {
    const [here, there] = [(await source.next()).value, (await target.next()).value]
    if (here === undefined || there === undefined) {
      const longer = here !== undefined ? 'source' : there !== undefined ? 'target' : 'neither'
      return E.right({ events, position, streams: streams.size, digest, longer })
    }
    if (!isSame(here, there)) {
      return E.left({ code: 'DifferentTarget', reason: `it differs from ${here.stream} ${here.version}` })
    }
    position = here.position
    digest = sha256(digest + here.hash)
    streams.add(here.stream)
    if (++events % progressEvery === 0) onProgress(events)
  }
}

const hasMore = E.left<Failure>({ code: 'DifferentTarget', reason: 'it holds events that the source has not' })

/** Appends what the source has behind the common part; answers how many events. */
const appendMissing = async (
  from: EventStore,
  to: EventStore,
  sha256: Sha256,
  common: Common,
  onProgress: OnProgress,
): Promise<E.Either<Failure, number>> => {
  let copied = 0
  const missing = async function* (): AsyncGenerator<SealedEvent> {
    for await (const event of unsealedLog(from, common.position)) yield sealed(sha256, event)
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
  return E.right(copied)
}

/**
 * Copies a log to an empty one, or continues an interrupted copy: ids, order, times, metadata and hashes are kept, the
 * target assigns positions. The event that seals the source is not copied. Appends are made one after the other, since a
 * store keeps no order among concurrent ones. Afterwards both logs are read again and compared. Nothing else may write to
 * the target meanwhile.
 */
export const copyLog = (
  from: EventStore,
  to: EventStore,
  sha256: Sha256,
  onProgress: OnProgress,
): TaskEither<Failure, Copied> =>
  attempt(async () => {
    const before = await compareLogs(from, to, sha256, onProgress)
    if (E.isLeft(before)) return before
    if (before.right.longer === 'target') return hasMore
    const copied = await appendMissing(from, to, sha256, before.right, onProgress)
    if (E.isLeft(copied)) return copied
    const after = await compareLogs(from, to, sha256, onProgress)
    if (E.isLeft(after)) return after
    const { events, streams, digest, longer } = after.right
    if (longer === 'target') return hasMore
    return events < before.right.events + copied.right
      ? E.left({ code: 'DifferentTarget', reason: 'it lost events while they were copied' })
      : E.right({ events, copied: copied.right, streams, digest })
  })

/**
 * Ends a log, and copies what stands before its end: `place` is what the seal names. Nothing is sealed unless the target
 * is a beginning of the source, or begins with all of it and has gone on: then it is only sealed. Killed at any moment, the
 * same call finishes. Fails, after it has copied, where events came after the seal.
 */
export const copyAndSeal = (
  from: EventStore,
  to: EventStore,
  place: string,
  sha256: Sha256,
  onProgress: OnProgress,
): TaskEither<Failure, Copied> =>
  pipe(
    goesOnAt(to),
    TE.filterOrElse(
      (sealed) => sealed === null,
      (sealed): Failure => ({ code: 'SealedTarget', to: sealed ?? '' }),
    ),
    TE.flatMap(() => attempt(() => compareLogs(from, to, sha256, onProgress))),
    TE.bindTo('common'),
    // What cannot be copied is found before the log ends.
    TE.bind('before', ({ common: { longer, events, streams, digest } }): TaskEither<Failure, Copied> =>
      longer === 'target' ? TE.right({ events, copied: 0, streams, digest }) : copyLog(from, to, sha256, onProgress),
    ),
    TE.tap(() => sealLog(from, place)),
    TE.flatMap(({ common, before }): TaskEither<Failure, Copied> =>
      common.longer === 'target'
        ? TE.right(before)
        : pipe(
            copyLog(from, to, sha256, onProgress),
            TE.map((after) => ({ ...after, copied: before.copied + after.copied })),
          ),
    ),
    TE.tap(() => checkNothingAfterSeal(from)),
  )
