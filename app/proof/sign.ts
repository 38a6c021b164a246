import * as TE from 'fp-ts/lib/TaskEither.js'
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import { setImmediate as nextIteration } from 'node:timers/promises'
import { readLogId } from '../../adapters/event-store/anchors.ts'
import { messageOf } from '../../adapters/errors.ts'
import { openMerkleStore, type MerkleStore } from '../../adapters/proofs/merkle-store.ts'
import { openTreeKey, verifyEd25519, type TreeKey } from '../../adapters/proofs/tree-key.ts'
import { anchorAt } from '../../domain/event-log/anchor.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { start } from '../../domain/event-log/envelope.ts'
import { openHead, signHead } from '../../domain/proof/checkpoint.ts'
import { growingTree, leafHash, rootOf } from '../../domain/proof/merkle.ts'
import { attempt, logFieldsOf, type Failure } from '../failures.ts'
import { unsealedPages } from '../log-pages.ts'
import { systemPorts } from '../system.ts'
import { standingOfProofs } from './standing.ts'

const { sha256, clock } = systemPorts

/** Small, so that a server responds between two pages. */
const pageSize = 200

/**
 * Appends the events behind the tree's last leaf to the tree, up to the end of the log. The event that seals a log is none
 * of them: no copy has it.
 */
const growTree = async (store: EventStore, merkle: MerkleStore): Promise<Either<Failure, void>> => {
  const standing = await standingOfProofs(store, merkle)
  if (standing.tag === 'Longer') return left({ code: 'ShorterLog' })
  if (standing.tag === 'Other') return left({ code: 'ProofsOfAnotherLog', common: standing.common })
  const { frontier: before } = merkle.grown()
  if (standing.anchor !== undefined) merkle.relocate(before.size, { frontier: before, anchor: standing.anchor })
  const log = await readLogId(store)
  for (;;) {
    const { frontier, anchor } = merkle.grown()
    const { value: events } = await unsealedPages(store, anchor?.position ?? start, pageSize).next()
    const last = events?.at(-1)
    if (events === undefined || last === undefined) return right(undefined)
    const tree = growingTree(sha256, frontier)
    const hashes = events.map(({ hash }) => hash)
    for (const hash of hashes) tree.add(leafHash(sha256, hash))
    merkle.grow(frontier.size, hashes, { frontier: tree.frontier(), anchor: anchorAt(log, last) })
    await nextIteration()
  }
}

/** Signs the tree's head and stores it. The stored checkpoint of this size is reused where it has the same root. */
const signedCheckpoint = (merkle: MerkleStore, { key, sign }: TreeKey): string => {
  const { frontier } = merkle.grown()
  const root = rootOf(sha256, frontier)
  const before = merkle.checkpointAt(frontier.size)
  if (before !== undefined && openHead(sha256, key, verifyEd25519, before)?.root === root) return before
  const checkpoint = signHead(sha256, key, sign, { size: frontier.size, root })
  merkle.keep(frontier.size, new Date(clock.now()).toISOString(), checkpoint)
  return checkpoint
}

/** A log that was just signed: its tree, its key and the checkpoint. */
export interface SignedLog {
  readonly merkle: MerkleStore
  readonly treeKey: TreeKey
  readonly checkpoint: string
}

/** Signs the log at its current end, and passes it to `use` while its Merkle store is open. */
export const withSignedLog = <A>(
  store: EventStore,
  folder: string,
  use: (signed: SignedLog) => Promise<Either<Failure, A>>,
): TE.TaskEither<Failure, A> =>
  attempt(async () => {
    const opened = openProofs(folder)
    if (isLeft(opened)) return opened
    const merkle = opened.right
    try {
      const grown = await growTree(store, merkle)
      if (isLeft(grown)) return grown
      const treeKey = openTreeKey(folder)
      return await use({ merkle, treeKey, checkpoint: signedCheckpoint(merkle, treeKey) })
    } finally {
      merkle.close()
    }
  })

const openProofs = (folder: string): Either<Failure, MerkleStore> => {
  try {
    return right(openMerkleStore(folder))
  } catch (error) {
    return left({ code: 'UnusableProofs', reason: messageOf(error) })
  }
}

/** Signs the log at its current end: the checkpoint. See docs/adr/0023-proofs-and-signed-heads.md. */
export const signLog = (store: EventStore, folder: string): TE.TaskEither<Failure, string> =>
  withSignedLog(store, folder, async ({ checkpoint }) => right(checkpoint))

interface SigningLog {
  readonly error: (fields: object, message: string) => void
}

const everyMs = 5 * 60_000

/**
 * Signs the log at the start, every five minutes if it grew, and when closed, so that later alterations can be detected.
 * Where signing fails, the failure is logged and the server goes on.
 */
export const signRegularly = (
  folder: string,
  store: EventStore,
  log: SigningLog,
): { readonly close: () => Promise<void> } => {
  const failed = 'the log could not be signed'
  const signing = TE.match<Failure, void, string>(
    (failure) => log.error(logFieldsOf(failure), failed),
    () => undefined,
  )(signLog(store, folder))
  let running: Promise<void> = Promise.resolve()
  const sign = (): void => {
    running = running.then(signing).catch((error: unknown) => log.error({ err: error }, failed))
  }
  sign()
  const timer = setInterval(sign, everyMs).unref()
  return {
    close: async () => {
      clearInterval(timer)
      sign()
      await running
    },
  }
}
