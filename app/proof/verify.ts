import type { EventStore, StoredEvent } from '../../domain/event-log/event-store.ts'
import { comparePositions, envelopeOf, start, positionOf, type Position } from '../../domain/event-log/envelope.ts'
import { matchesEnvelope } from '../../domain/event-log/decode-event.ts'
import { emptyStream, type StreamHead } from '../../domain/event-log/seal-events.ts'
import { isIntact, type Sha256 } from '../../domain/event-log/hash.ts'
import type { StreamName } from '../../domain/ids.ts'
import type { AuditedEvent, AuditedLog } from '../../domain/proof/audit.ts'
import type { Verdict } from '../../domain/proof/bundle.ts'
import type { TreeHead } from '../../domain/proof/checkpoint.ts'
import { logPages } from '../log-pages.ts'
import { headChecker, type HeadChecker } from './head-checker.ts'

/** What was known of the log earlier, and must still hold. */
export interface Evidence {
  /** Signed heads with valid signatures. */
  readonly heads: readonly TreeHead[]
  /** Event hashes as they were first stored, in log order. */
  readonly leaves: Iterable<string>
}

const hasOwnEnvelope = (stored: StoredEvent): boolean => {
  try {
    return matchesEnvelope(stored, envelopeOf(stored))
  } catch {
    return false
  }
}

/** What is wrong with an event, by itself and as the successor of the previous one of its stream; null for nothing. */
const flawOf = (sha256: Sha256, stored: StoredEvent, before: StreamHead = emptyStream): string | null => {
  if (stored.personal === null) return 'its personal part is missing, and no event erased it'
  if (!isIntact(sha256, stored)) return 'its hash does not cover what is stored'
  if (!hasOwnEnvelope(stored)) return 'its columns differ from its envelope'
  if (stored.version !== before.version + 1 || stored.previousHash !== before.hash) {
    return 'it is not chained to the event before it in its stream'
  }
  return null
}

type Finding = Pick<Verdict, 'firstBad' | 'reason'>

/** A finding at the event of this index; indexes count from 0 and positions from 1. */
const findingAt = (at: number, reason: string): Finding => ({ firstBad: positionOf(at + 1), reason })

const leftoverIn = (log: AuditedLog): Finding | null => {
  try {
    const found = log.findLeftover()
    return found === null ? null : { firstBad: found.position, reason: found.reason }
  } catch (error) {
    return { firstBad: null, reason: `the file cannot be read completely: ${String(error)}` }
  }
}

/**
 * Checks the hash and chain of every event, the order of the log, and the log against what was known of it earlier. One
 * pass; memory grows with the number of streams. `onProgress` gets the number of events read so far.
 */
export const verifyLog = async (
  sha256: Sha256,
  log: AuditedLog,
  evidence: Evidence,
  onProgress: (events: number) => void = () => undefined,
): Promise<Verdict> => {
  const streams = new Map<StreamName, StreamHead>()
  const current = headChecker(sha256, evidence.heads)
  /** Checks the stored hashes from the first that differs from the log; null while they are equal. */
  let earlier: HeadChecker | null = null
  const leaves = evidence.leaves[Symbol.iterator]()
  let broken: (Finding & { readonly at: number }) | null = null
  let differs: (Finding & { readonly at: number }) | null = null

  const check = ({ stored: event, expectedPosition, flaw }: AuditedEvent): void => {
    const leaf = leaves.next()
    if (leaf.done !== true) {
      if (leaf.value !== event.hash) {
        differs ??= {
          at: current.size(),
          firstBad: expectedPosition,
          reason: 'this is not the event that was stored here before',
        }
        earlier ??= current.fork()
      }
      earlier?.add(leaf.value)
    }
    const found = flaw ?? (broken === null ? flawOf(sha256, event, streams.get(event.stream)) : null)
    if (found !== null) broken ??= { at: current.size(), firstBad: expectedPosition, reason: found }
    streams.set(event.stream, { version: event.version, hash: event.hash })
    current.add(event.hash)
  }

  try {
    for await (const page of log.pages()) {
      for (const each of page) check(each)
      onProgress(current.size())
    }
  } catch (error) {
    broken ??= { at: current.size(), ...findingAt(current.size(), `the file cannot be read further: ${String(error)}`) }
  }
  const size = current.size()
  const next = leaves.next()
  const stored = earlier ?? current.fork()
  for (let leaf = next; leaf.done !== true; leaf = leaves.next()) stored.add(leaf.value)
  /** Whether a stored hash counts: up to the last head that confirms them, and beyond unless a head contradicts them. */
  const isTrusted = (at: number): boolean => at < stored.confirmed() || stored.refuted() === Number.POSITIVE_INFINITY

  const conclusion = (): Finding | null => {
    if (differs !== null && isTrusted(differs.at) && differs.at < (broken?.at ?? size)) return differs
    if (broken !== null) return broken
    const signed = evidence.heads.reduce((most, head) => Math.max(most, head.size), 0)
    if (signed > size || (next.done !== true && isTrusted(size)))
      return findingAt(size, 'events are missing after the last one')
    if (current.refuted() === Number.POSITIVE_INFINITY) return leftoverIn(log)
    return findingAt(current.confirmed(), `an event from here to position ${current.refuted()} is not what was signed`)
  }
  const found = conclusion()
  return { events: size, ok: found === null, firstBad: found?.firstBad ?? null, reason: found?.reason ?? null }
}

/** A store whose files are elsewhere, such as a cluster, as its own reader delivers it. */
export const auditStore = (store: EventStore): AuditedLog => {
  async function* pages(): AsyncGenerator<readonly AuditedEvent[]> {
    let before: Position = start
    for await (const events of logPages(store, start)) {
      yield events.map((stored) => {
        const flaw = comparePositions(stored.position, before) > 0 ? null : 'positions do not grow'
        before = stored.position
        return { stored, expectedPosition: stored.position, flaw }
      })
    }
  }
  return { pages, findLeftover: () => null }
}
