import { setImmediate as nextIteration } from 'node:timers/promises'
import { readLogId, standingOf } from '../../adapters/event-store/anchors.ts'
import type { MerkleStore } from '../../adapters/proofs/merkle-store.ts'
import { anchorAt, type Anchor } from '../../domain/event-log/anchor.ts'
import { start } from '../../domain/event-log/envelope.ts'
import { readable, type EventStore, type StoredEvent } from '../../domain/event-log/event-store.ts'
import { unsealedPages } from '../log-pages.ts'

/** How the proofs of a folder stand to a log. */
export type ProofStanding =
  /** The log goes on behind the last leaf; `anchor` where that is to be stored: the log has it elsewhere. */
  | { readonly tag: 'Same'; readonly anchor?: Anchor }
  /** The log is a beginning of what was signed, so many events of it: an older copy, or one that lost its end. */
  | { readonly tag: 'Longer'; readonly events: number }
  /** They have so many events in common: another log, or an older copy that went on differently. */
  | { readonly tag: 'Other'; readonly common: number }

/** Compares every leaf with the log: needed once after a log was moved or replaced. */
const compareLeaves = async (store: EventStore, merkle: MerkleStore): Promise<ProofStanding> => {
  const leaves = merkle.leaves(merkle.grown().frontier.size)
  const log = await readLogId(store)
  let [events, leaf] = [0, leaves.next()]
  let last: StoredEvent | undefined
  for await (const page of unsealedPages(store, start)) {
    for (const event of page) {
      if (leaf.done === true) break
      if (leaf.value !== event.hash) return { tag: 'Other', common: events }
      last = event
      events++
      leaf = leaves.next()
    }
    if (leaf.done === true) break
    await nextIteration()
  }
  if (leaf.done !== true || last === undefined) return { tag: 'Longer', events }
  return { tag: 'Same', anchor: anchorAt(log, last) }
}

/** A tree of an earlier build names the position of its last leaf alone. */
const isLastLeafAt = async (store: EventStore, merkle: MerkleStore, anchor: Anchor): Promise<Anchor | null> => {
  const event = readable(await store.eventAt(anchor.position)())
  const hash = merkle.lastLeaf()
  return event !== null && event.hash === hash ? anchorAt(await readLogId(store), event) : null
}

/** @throws UnreadableLog */
export const standingOfProofs = async (store: EventStore, merkle: MerkleStore): Promise<ProofStanding> => {
  const { anchor } = merkle.grown()
  if (anchor === null) return { tag: 'Same' }
  if (anchor.hash !== '') {
    if ((await standingOf(store, anchor)).tag === 'Same') return { tag: 'Same' }
  } else {
    const found = await isLastLeafAt(store, merkle, anchor)
    if (found !== null) return { tag: 'Same', anchor: found }
  }
  return compareLeaves(store, merkle)
}
