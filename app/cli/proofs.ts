import { openTreeKey } from '../../adapters/proofs/tree-key.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { writeKey } from '../../domain/proof/note.ts'
import { bundleOf, NotProved, signNow } from '../proof/bundle.ts'
import { systemPorts } from '../system.ts'
import { Failure } from './failure.ts'
import { print } from './output.ts'

const orFailure = async (proved: Promise<string>): Promise<string> => {
  try {
    return await proved
  } catch (error) {
    if (error instanceof NotProved) throw new Failure(error.message)
    throw error
  }
}

/** Signs the log as it stands, and keeps the head. Answers it. @throws Failure. */
export const signedNow = (store: EventStore, folder: string): Promise<string> => orFailure(signNow(store, folder))

/** `head`: prints the log's signed tree head, or the public key that it is checked with. */
export const printHead = async (store: EventStore, folder: string, publicKey: boolean): Promise<void> => {
  const text = publicKey ? writeKey(systemPorts.sha256, openTreeKey(folder).key) : await signedNow(store, folder)
  await print(text.trimEnd())
}

/** `prove`: prints a ticket's history with a proof that it stands in the log. */
export const printProof = async (store: EventStore, folder: string, ticket: string): Promise<void> =>
  print((await orFailure(bundleOf(store, folder, ticket))).trimEnd())
