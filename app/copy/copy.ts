import type { EventStore, SealedEvent, StoredEvent } from '../../domain/event-log/event-store.ts'
import { start } from '../../domain/event-log/envelope.ts'
import { isIntact, type Sha256 } from '../../domain/event-log/hash.ts'
import { Failure } from '../cli/failure.ts'
import { logAfter } from '../log-pages.ts'
import { inRuns } from './runs.ts'

export interface Copied {
  /** In both logs, after. */
  readonly events: number
  /** By this call. */
  readonly copied: number
  readonly streams: number
  /** SHA-256 over all events' hashes in log order, the same on both sides: 64 hex digits. */
  readonly digest: string
}

const sayEvery = 1_000

const isSame = (one: StoredEvent, other: StoredEvent): boolean =>
  one.hash === other.hash && one.stream === other.stream && one.version === other.version && one.id === other.id

/** The event as it is appended elsewhere: the same bytes, without its place. */
const sealed = (sha256: Sha256, event: StoredEvent): SealedEvent => {
  const { position, personal, salt, ...rest } = event
  if (!isIntact(sha256, event)) throw new Failure(`the event at ${position} of the source is damaged, or not ours`)
  if (personal === null || salt === null)
    throw new Failure(`the event at ${position} is erased: it cannot be copied yet`)
  return { ...rest, personal, salt }
}

/** A digest over a text too long for memory: each step covers the one before. */
const chained = (sha256: Sha256) => {
  let digest = ''
  return {
    add: (hash: string): void => {
      digest = sha256(digest + hash)
    },
    digest: (): string => digest,
  }
}

/**
 * How far two logs are the same, event by event from the start: where the source goes on, and what both hold.
 * @throws Failure where the target holds anything else.
 */
const inCommon = async (from: EventStore, to: EventStore, sha256: Sha256, onProgress: (events: number) => void) => {
  const source = logAfter(from, start)
  const digest = chained(sha256)
  const streams = new Set<string>()
  let [events, position] = [0, start]
  for await (const there of logAfter(to, start)) {
    const here = (await source.next()).value
    if (here === undefined) throw new Failure('the target holds events that the source has not')
    if (!isSame(here, there)) throw new Failure(`the target is no copy: it differs from ${here.stream} ${here.version}`)
    position = here.position
    digest.add(here.hash)
    streams.add(here.stream)
    if (++events % sayEvery === 0) onProgress(events)
  }
  return { events, position, streams: streams.size, digest: digest.digest() }
}

/**
 * Copies a log to an empty one, or goes on where an earlier call ended: ids, order, times, metadata and hashes as they
 * are, positions as the target gives them. Appends wait for each other, since a store may keep no order among them. In
 * the end both logs are read again and compared. Nobody else may write to the target meanwhile.
 * @throws Failure where that cannot be.
 */
export const copyLog = async (
  from: EventStore,
  to: EventStore,
  sha256: Sha256,
  onProgress: (events: number) => void,
): Promise<Copied> => {
  const before = await inCommon(from, to, sha256, onProgress)
  let copied = 0
  const rest = async function* (): AsyncGenerator<SealedEvent> {
    for await (const event of logAfter(from, before.position)) yield sealed(sha256, event)
  }
  for await (const run of inRuns(rest())) {
    const [first] = run
    if (first === undefined) continue
    const appended = await to.append(first.stream, first.version - 1, run)()
    if (appended._tag === 'Left') {
      const why = `${first.stream} at version ${first.version}: ${appended.left.tag}`
      throw new Failure(`the target did not take ${why}; run the same again to go on`)
    }
    copied += run.length
    onProgress(before.events + copied)
  }
  const { events, streams, digest } = await inCommon(from, to, sha256, onProgress)
  if (events < before.events + copied) throw new Failure('the target lost events while they were copied')
  return { events, copied, streams, digest }
}
