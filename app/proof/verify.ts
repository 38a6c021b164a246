import type { StoredEvent } from '../../domain/event-log/event-store.ts'
import type { Envelope } from '../../domain/event-log/envelope.ts'
import { agrees } from '../../domain/event-log/decode-event.ts'
import { isIntact, type Sha256 } from '../../domain/event-log/hash.ts'
import type { AuditedEvent, AuditedLog } from '../../domain/proof/audit.ts'
import type { Verdict } from '../../domain/proof/bundle.ts'
import type { TreeHead } from '../../domain/proof/checkpoint.ts'
import { witness, type Witness } from './head-checker.ts'

/** What was known of the log before: whatever it says, the log must still say. */
export interface Evidence {
  /** Signed heads whose signatures hold. */
  readonly heads: readonly TreeHead[]
  /** Event hashes as they were when they were first seen, in log order. */
  readonly leaves: Iterable<string>
}

interface Place {
  readonly version: number
  readonly hash: string
}

const envelopeAgrees = (stored: StoredEvent): boolean => {
  try {
    const envelope: Envelope = JSON.parse(stored.envelope)
    return agrees(stored, envelope)
  } catch {
    return false
  }
}

/** What is wrong with an event, by itself and behind the one before it in its stream. */
const flawOf = (sha256: Sha256, stored: StoredEvent, before: Place | undefined): string | null => {
  if (stored.personal === null) return 'its personal part is gone, and nothing says that it was erased'
  if (!isIntact(sha256, stored)) return 'its hash does not cover what is stored'
  if (!envelopeAgrees(stored)) return 'its columns say other than its envelope'
  if (stored.version !== (before?.version ?? 0) + 1 || stored.previousHash !== (before?.hash ?? '')) {
    return 'it is not chained to the event before it in its stream'
  }
  return null
}

type Found = Pick<Verdict, 'firstBad' | 'reason'>

/** Where no event says its position: events count from 0 and positions from 1. */
const here = (at: number, reason: string): Found => ({ firstBad: String(at + 1), reason })

const leftover = (log: AuditedLog): Found | null => {
  try {
    const found = log.leftover()
    return found === null ? null : { firstBad: found.position, reason: found.reason }
  } catch (error) {
    return { firstBad: null, reason: `the file cannot be read whole: ${String(error)}` }
  }
}

/**
 * Checks every event's hash and chain, the order of the log, and the log against all that was known of it before. One
 * pass, in memory that grows with the number of streams. `onProgress` hears how many events were read.
 */
export const verifyLog = async (
  sha256: Sha256,
  log: AuditedLog,
  evidence: Evidence,
  onProgress: (events: number) => void = () => undefined,
): Promise<Verdict> => {
  const streams = new Map<string, Place>()
  const now = witness(sha256, evidence.heads)
  /** What the hashes kept aside say, from where they first say other than the log. */
  let then: Witness | null = null
  const leaves = evidence.leaves[Symbol.iterator]()
  let broken: (Found & { readonly at: number }) | null = null
  let differs: (Found & { readonly at: number }) | null = null

  const look = ({ stored, place, flaw }: AuditedEvent): void => {
    const leaf = leaves.next()
    if (leaf.done !== true) {
      if (leaf.value !== stored.hash) {
        differs ??= { at: now.size(), firstBad: place, reason: 'this is not the event that stood here before' }
        then ??= now.fork()
      }
      then?.add(leaf.value)
    }
    const found = flaw ?? (broken === null ? flawOf(sha256, stored, streams.get(stored.stream)) : null)
    if (found !== null) broken ??= { at: now.size(), firstBad: place, reason: found }
    streams.set(stored.stream, { version: stored.version, hash: stored.hash })
    now.add(stored.hash)
  }

  try {
    for await (const page of log.pages()) {
      for (const each of page) look(each)
      onProgress(now.size())
    }
  } catch (error) {
    broken ??= { at: now.size(), ...here(now.size(), `the file cannot be read on: ${String(error)}`) }
  }
  const size = now.size()
  const next = leaves.next()
  const kept = then ?? now.fork()
  for (let leaf = next; leaf.done !== true; leaf = leaves.next()) kept.add(leaf.value)
  /** Hashes kept aside are believed as far as a signed head bears them out, and beyond unless one refutes them. */
  const isKept = (at: number): boolean => at < kept.agreed() || kept.refuted() === Number.POSITIVE_INFINITY

  const concluded = (): Found | null => {
    if (differs !== null && isKept(differs.at) && differs.at < (broken?.at ?? size)) return differs
    if (broken !== null) return broken
    const signed = evidence.heads.reduce((most, head) => Math.max(most, head.size), 0)
    if (signed > size || (next.done !== true && isKept(size))) return here(size, 'events are missing behind the last')
    if (now.refuted() === Number.POSITIVE_INFINITY) return leftover(log)
    return here(now.agreed(), `an event from here to position ${now.refuted()} is not what was signed`)
  }
  const found = concluded()
  return { events: size, ok: found === null, firstBad: found?.firstBad ?? null, reason: found?.reason ?? null }
}
