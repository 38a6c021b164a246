import { setImmediate as turn } from 'node:timers/promises'
import type { TreeKey } from '../../adapters/proofs/tree-key.ts'
import type { KeptTree } from '../../adapters/proofs/merkle-store.ts'
import type { Clock } from '../../domain/clock.ts'
import { readable, type EventStore } from '../../domain/event-log/event-store.ts'
import { comparePositions } from '../../domain/event-log/envelope.ts'
import type { Sha256 } from '../../domain/event-log/hash.ts'
import { openHead, signHead } from '../../domain/proof/checkpoint.ts'
import { growingTree, leafHash, rootOf } from '../../domain/proof/merkle.ts'
import type { VerifySignature } from '../../domain/proof/note.ts'

/** The log holds less than was signed, or cannot be read. */
export class ShorterLog extends Error {}

export interface HeadPorts {
  readonly store: EventStore
  readonly kept: KeptTree
  readonly treeKey: TreeKey
  readonly sha256: Sha256
  readonly verify: VerifySignature
  readonly clock: Clock
}

/** So few that a server answers in between. */
const pageSize = 200

/** Lets the tree grow to the end of the log, a page and an event-loop turn at a time. */
const grow = async ({ store, kept, sha256 }: HeadPorts): Promise<void> => {
  const head = readable(await store.head()())
  if (comparePositions(head, kept.grown().position) < 0) {
    throw new ShorterLog('the log holds fewer events than were signed; ledgerdesk verify says more')
  }
  for (;;) {
    const { frontier, position } = kept.grown()
    const events = readable(await store.readLog(position, pageSize)())
    const last = events.at(-1)
    if (last === undefined) return
    const tree = growingTree(sha256, frontier)
    const hashes = events.map(({ hash }) => hash)
    for (const hash of hashes) tree.add(leafHash(sha256, hash))
    kept.grow(frontier.size, hashes, { frontier: tree.frontier(), position: last.position })
    await turn()
  }
}

/**
 * Signs the log as it stands now, and keeps the signed head. Where nothing was appended since the last one, answers that.
 * @throws ShorterLog where the log lost events that were signed.
 */
export const signedHead = async (ports: HeadPorts): Promise<string> => {
  const { kept, sha256, treeKey, verify, clock } = ports
  await grow(ports)
  const { frontier } = kept.grown()
  const root = rootOf(sha256, frontier)
  const before = kept.checkpointAt(frontier.size)
  if (before !== undefined && openHead(sha256, treeKey.key, verify, before)?.root === root) return before
  const checkpoint = signHead(sha256, treeKey.key, treeKey.sign, { size: frontier.size, root })
  kept.keep(frontier.size, new Date(clock.now()).toISOString(), checkpoint)
  return checkpoint
}
