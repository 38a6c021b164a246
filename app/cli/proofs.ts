import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openMerkleStore } from '../../adapters/proofs/merkle-store.ts'
import { openTreeKey } from '../../adapters/proofs/tree-key.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { writeKey } from '../../domain/proof/note.ts'
import type { Failure } from '../failures.ts'
import { proofsAside, setProofsAside } from '../proof/keep-aside.ts'
import { proveTicket } from '../proof/prove.ts'
import { signLog } from '../proof/sign.ts'
import { systemPorts } from '../system.ts'
import { ticketArgument } from './arguments.ts'
import { setDataFolder } from './log.ts'
import { print } from './output.ts'

const printText = (text: string): TE.TaskEither<Failure, void> => TE.fromTask(() => print(text.trimEnd()))

/** `head`: signs the log and prints its tree head, or prints the public key that heads are checked with. */
export const printHead = (store: EventStore, folder: string, publicKey: boolean): TE.TaskEither<Failure, void> =>
  publicKey
    ? printText(writeKey(systemPorts.sha256, openTreeKey(folder).key))
    : pipe(signLog(store, folder), TE.flatMap(printText))

/** `prove`: prints a ticket's history with a proof that the signed log contains it. */
export const printProof = (store: EventStore, folder: string, ticket: string): TE.TaskEither<Failure, void> =>
  pipe(
    TE.fromEither(ticketArgument('ticket', ticket)),
    TE.flatMap((id) => proveTicket(store, folder, id)),
    TE.flatMap(printText),
  )

/**
 * `proofs`: prints how many events were signed in a data folder, and the files with proofs of other histories; with
 * `aside` it puts the present ones among them, for a log that begins anew.
 */
export const printProofs = (folder: string, aside: boolean): TE.TaskEither<Failure, void> => {
  if (!existsSync(join(folder, 'proofs.db'))) {
    return TE.left({ code: 'NotFound', what: `proofs.db in ${folder}`, remedy: setDataFolder })
  }
  const merkle = openMerkleStore(folder)
  try {
    const signed = merkle.grown().frontier.size
    if (aside && signed > 0) setProofsAside(merkle)
    const { size: events } = merkle.grown().frontier
    return printText(JSON.stringify({ events, heads: merkle.checkpoints().length, aside: proofsAside(folder) }))
  } finally {
    merkle.close()
  }
}
