import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../adapters/errors.ts'
import { openMerkleStore, type MerkleStore } from '../../adapters/proofs/merkle-store.ts'
import { start } from '../../domain/event-log/envelope.ts'
import { readable, UnreadableLog, type EventStore } from '../../domain/event-log/event-store.ts'
import { rootOf } from '../../domain/proof/merkle.ts'
import { Failed } from '../failures.ts'
import { systemPorts } from '../system.ts'
import { standingOfProofs, type ProofStanding } from './standing.ts'

const asideName = /^proofs-\d+-[\da-f]{8}\.db$/

/** The files of a folder with proofs of other histories. */
export const proofsAside = (folder: string): readonly string[] =>
  existsSync(folder) ? readdirSync(folder).filter((name) => asideName.test(name)) : []

/** Puts all proofs of a folder into a file named after the number of events and the root; returns its name. */
export const setProofsAside = (merkle: MerkleStore): string => {
  const { frontier } = merkle.grown()
  const name = `proofs-${frontier.size}-${rootOf(systemPorts.sha256, frontier).slice(0, 8)}.db`
  merkle.setAside(name)
  return name
}

const whyAside = (standing: Exclude<ProofStanding, { tag: 'Same' }>, size: number): string =>
  standing.tag === 'Longer'
    ? `of a longer history: this log ends after ${standing.events} of the ${size} events that were signed`
    : `of another history: this log has ${standing.common} of the ${size} events that were signed`

interface StartLog {
  readonly error: (fields: object, message: string) => void
}

const open = (folder: string, log: StartLog): MerkleStore | null => {
  if (!existsSync(join(folder, 'proofs.db'))) return null
  try {
    return openMerkleStore(folder)
  } catch (error) {
    log.error({ reason: messageOf(error) }, 'proofs.db cannot be used')
    return null
  }
}

/**
 * Compares the proofs of a data folder with its log, before a server signs it: proofs of another or of a longer history
 * are kept aside, never continued (docs/adr/0033-log-identity.md).
 * @throws Failed for an empty log beside signed heads: it was lost, or is elsewhere.
 */
export const checkProofs = async (store: EventStore, folder: string, log: StartLog): Promise<void> => {
  const merkle = open(folder, log)
  if (merkle === null) return
  try {
    const { size } = merkle.grown().frontier
    if (size === 0) return
    if (readable(await store.head()()) === start) throw new Failed({ code: 'EmptyLog', folder, signed: size })
    const standing = await standingOfProofs(store, merkle)
    if (standing.tag === 'Same') return
    log.error({ file: setProofsAside(merkle) }, `the proofs are kept aside, since they are ${whyAside(standing, size)}`)
  } catch (error) {
    if (!(error instanceof UnreadableLog)) throw error
    // Before each signature it is compared again.
    log.error({ reason: messageOf(error) }, 'the proofs could not be compared with the log')
  } finally {
    merkle.close()
  }
}
