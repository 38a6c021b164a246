import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { verifyEd25519 } from '../../adapters/proofs/tree-key.ts'
import { positionOf } from '../../domain/event-log/envelope.ts'
import type { EventStore, StoredEvent } from '../../domain/event-log/event-store.ts'
import { ticketStream, type TicketId } from '../../domain/ids.ts'
import { bundleText, checkBundle } from '../../domain/proof/bundle.ts'
import { openHead } from '../../domain/proof/checkpoint.ts'
import { inclusionPaths, leafHash } from '../../domain/proof/merkle.ts'
import { writeKey } from '../../domain/proof/note.ts'
import { storeReasonOf, type Failure } from '../failures.ts'
import { systemPorts } from '../system.ts'
import { withSignedLog, type SignedLog } from './sign.ts'

const { sha256 } = systemPorts

/**
 * The bundle of a ticket's events. Iterates all event hashes of the log twice: 0.6 s for 200,000. Events that were
 * appended after the checkpoint are left out.
 */
const bundleOf = (
  ticket: TicketId,
  events: readonly StoredEvent[],
  { merkle, treeKey: { key }, checkpoint }: SignedLog,
): string => {
  const size = openHead(sha256, key, verifyEd25519, checkpoint)?.size ?? 0
  const wanted = new Set(events.map(({ hash }) => hash))
  const leaves = new Map<string, number>()
  let n = 0
  for (const hash of merkle.leaves(size)) {
    if (wanted.has(hash)) leaves.set(hash, n)
    n++
  }
  function* leafHashes(): Generator<string> {
    for (const hash of merkle.leaves(size)) yield leafHash(sha256, hash)
  }
  const paths = inclusionPaths(sha256, leafHashes(), new Set(leaves.values()))
  const proved = events.flatMap((stored) => {
    const leaf = leaves.get(stored.hash)
    return leaf === undefined
      ? []
      : [{ stored: { ...stored, position: positionOf(leaf + 1) }, leaf, path: paths.get(leaf) ?? [] }]
  })
  return bundleText(ticket, writeKey(sha256, key), checkpoint, proved)
}

const checked = (ticket: TicketId, { key }: SignedLog['treeKey'], bundle: string): E.Either<Failure, string> => {
  const { ok, reason } = checkBundle({ sha256, verify: verifyEd25519 }, key, bundle)
  return ok ? E.right(bundle) : E.left({ code: 'UnprovedTicket', ticket, reason })
}

/**
 * A ticket's history with a proof that the signed log contains it: one line of JSON with its line feed
 * (docs/proof-format.md). The bundle is checked before it is returned.
 */
export const proveTicket = (store: EventStore, folder: string, ticket: TicketId): TaskEither<Failure, string> =>
  withSignedLog(store, folder, async (signed) =>
    pipe(
      await store.readStream(ticketStream(ticket))(),
      E.mapLeft((failure): Failure => ({
        code: 'UnreadableLog',
        what: `the history of ${ticket}`,
        reason: storeReasonOf(failure),
      })),
      E.filterOrElse(
        (events) => events.length > 0,
        (): Failure => ({ code: 'NotFound', what: `ticket ${ticket}` }),
      ),
      E.flatMap((events) => checked(ticket, signed.treeKey, bundleOf(ticket, events, signed))),
    ),
  )
