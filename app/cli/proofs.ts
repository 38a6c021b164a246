import { messageOf } from '../../adapters/errors.ts'
import { openKeptTree, type KeptTree } from '../../adapters/proofs/kept-tree.ts'
import { openTreeKey, verifyEd25519 } from '../../adapters/proofs/tree-key.ts'
import type { EventStore } from '../../domain/event-store.ts'
import { checkBundle } from '../../domain/proof/bundle.ts'
import { openHead } from '../../domain/proof/checkpoint.ts'
import { writeKey } from '../../domain/proof/note.ts'
import { isTicketId, ticketStream } from '../../domain/ids.ts'
import { ShorterLog, signedHead, type HeadPorts } from '../proof/heads.ts'
import { proveTicket } from '../proof/prove.ts'
import { systemPorts } from '../system.ts'
import { Failure } from './failure.ts'
import { print } from './output.ts'

const opened = (folder: string): KeptTree => {
  try {
    return openKeptTree(folder)
  } catch (error) {
    throw new Failure(`proofs.db cannot be used: ${messageOf(error)}`)
  }
}

const { sha256 } = systemPorts

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
    if (error instanceof ShorterLog) throw new Failure(error.message)
    throw error
  } finally {
    kept.close()
  }
}

/** Signs the log as it stands, and keeps the head. Answers it. */
export const signNow = (store: EventStore, folder: string): Promise<string> =>
  withTree(store, folder, (_ports, head) => Promise.resolve(head))

/** `head`: prints the log's signed tree head, or the public key that it is checked with. */
export const printHead = async (store: EventStore, folder: string, publicKey: boolean): Promise<void> => {
  const text = publicKey ? writeKey(sha256, openTreeKey(folder).key) : await signNow(store, folder)
  await print(text.trimEnd())
}

/** `prove`: prints a ticket's history with a proof that it stands in the log. Nothing is printed that would not pass. */
export const printProof = (store: EventStore, folder: string, ticket: string): Promise<void> =>
  withTree(store, folder, async ({ kept, treeKey: { key } }, head) => {
    if (!isTicketId(ticket)) throw new Failure(`"${ticket}" is no ticket id; one looks like T-0123ABCD`)
    const events = await store.readStream(ticketStream(ticket))()
    if (events._tag === 'Left') throw new Failure(`the history of ${ticket} cannot be read: ${events.left.tag}`)
    if (events.right.length === 0) throw new Failure(`there is no ticket ${ticket}`)
    const size = openHead(sha256, key, verifyEd25519, head)?.size ?? 0
    const bundle = proveTicket(sha256, ticket, writeKey(sha256, key), head, events.right, () => kept.leaves(size))
    const { ok, reason } = checkBundle({ sha256, verify: verifyEd25519 }, key, bundle)
    if (!ok) throw new Failure(`${ticket} cannot be proved: ${reason}; ledgerdesk verify says more`)
    await print(bundle.trimEnd())
  })
