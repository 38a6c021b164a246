import { messageOf } from '../../adapters/errors.ts'
import { openKeptTree, type KeptTree } from '../../adapters/proofs/merkle-store.ts'
import { openTreeKey, verifyEd25519 } from '../../adapters/proofs/tree-key.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { isTicketId, ticketStream } from '../../domain/ids.ts'
import { checkBundle } from '../../domain/proof/bundle.ts'
import { openHead } from '../../domain/proof/checkpoint.ts'
import { writeKey } from '../../domain/proof/note.ts'
import { systemPorts } from '../system.ts'
import { ShorterLog, signedHead, type HeadPorts } from './heads.ts'
import { proveTicket } from './prove.ts'

/** Nothing can be proved; the message says why, in one line for a person. */
export class NotProved extends Error {}

const { sha256 } = systemPorts

const opened = (folder: string): KeptTree => {
  try {
    return openKeptTree(folder)
  } catch (error) {
    throw new NotProved(`proofs.db cannot be used: ${messageOf(error)}`)
  }
}

const withTree = async <A>(
  store: EventStore,
  folder: string,
  use: (ports: HeadPorts, head: string) => Promise<A>,
): Promise<A> => {
  const kept = opened(folder)
  try {
    const ports = { ...systemPorts, store, kept, treeKey: openTreeKey(folder), verify: verifyEd25519 }
    return await use(ports, await signedHead(ports))
  } catch (error) {
    if (error instanceof ShorterLog) throw new NotProved(error.message)
    throw error
  } finally {
    kept.close()
  }
}

/** Signs the log as it stands, and keeps the head. Answers it. @throws NotProved. */
export const signNow = (store: EventStore, folder: string): Promise<string> =>
  withTree(store, folder, (_ports, head) => Promise.resolve(head))

/**
 * A ticket's history with a proof that it stands in the log, as one line of JSON with its line feed. Nothing is answered
 * that would not pass. It walks all hashes of the log twice: 0.6 s for 200,000.
 * @throws NotProved
 */
export const bundleOf = (store: EventStore, folder: string, ticket: string): Promise<string> =>
  withTree(store, folder, async ({ kept, treeKey: { key } }, head) => {
    if (!isTicketId(ticket)) throw new NotProved(`"${ticket}" is no ticket id; one looks like T-0123ABCD`)
    const events = await store.readStream(ticketStream(ticket))()
    if (events._tag === 'Left') throw new NotProved(`the history of ${ticket} cannot be read: ${events.left.tag}`)
    if (events.right.length === 0) throw new NotProved(`there is no ticket ${ticket}`)
    const size = openHead(sha256, key, verifyEd25519, head)?.size ?? 0
    const bundle = proveTicket(sha256, ticket, writeKey(sha256, key), head, events.right, () => kept.leaves(size))
    const { ok, reason } = checkBundle({ sha256, verify: verifyEd25519 }, key, bundle)
    if (!ok) throw new NotProved(`${ticket} cannot be proved: ${reason}; ledgerdesk verify says more`)
    return bundle
  })
