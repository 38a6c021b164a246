import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { auditSqliteLog } from '../../adapters/event-store/sqlite/audit.ts'
import { openKeptTree, type KeptTree } from '../../adapters/proofs/merkle-store.ts'
import { openTreeKey, verifyEd25519 } from '../../adapters/proofs/tree-key.ts'
import { checkBundle, keyInBundle, type Verdict } from '../../domain/proof/bundle.ts'
import type { AuditedLog } from '../../domain/proof/audit.ts'
import { openHead, type TreeHead } from '../../domain/proof/checkpoint.ts'
import { readKey, type NoteKey } from '../../domain/proof/note.ts'
import type { LogPlace } from '../event-store.ts'
import { auditStore } from '../proof/audit-store.ts'
import { verifyLog } from '../proof/verify.ts'
import { systemPorts } from '../system.ts'
import { Failure } from './failure.ts'
import { withLog } from './log.ts'
import { endProgress, print, progressLine } from './output.ts'
import { signedNow } from './proofs.ts'

export interface VerifyOptions {
  readonly since?: string
  readonly bundle?: string
  /** A public key as `head --public-key` prints it, or a file with one. */
  readonly key?: string
}

const { sha256 } = systemPorts
const note = (line: string): void => void process.stderr.write(`${line}\n`)

const contentOf = (option: string, file: string): string => {
  if (!existsSync(file)) throw new Failure(`${option}: there is no file ${file}`)
  return readFileSync(file, 'utf8')
}

const keyFrom = (text: string): NoteKey => {
  const key = readKey(sha256, (existsSync(text) ? readFileSync(text, 'utf8') : text).trim())
  if (key === null) throw new Failure('--key: this is no public key; ledgerdesk head --public-key prints one')
  return key
}

const ownKey = (folder: string): NoteKey | null =>
  existsSync(join(folder, 'tree-key')) ? openTreeKey(folder).key : null

const printVerdict = async ({ events, ok, firstBad, reason }: Verdict): Promise<void> => {
  await print(JSON.stringify({ events, ok, firstBad }))
  if (!ok) throw new Failure(firstBad === null ? `${reason}` : `position ${firstBad}: ${reason}`)
}

const verifyBundle = async (file: string, folder: string, given: string | undefined): Promise<void> => {
  const text = contentOf('--bundle', file)
  const named = keyInBundle(text)
  const known = given === undefined ? ownKey(folder) : keyFrom(given)
  const key = known ?? (named === null ? null : readKey(sha256, named))
  if (known === null) note(`checked with the key that the bundle names, ${named}: compare it with the log's own`)
  await printVerdict(
    key === null
      ? { events: 0, ok: false, firstBad: null, reason: 'this is no bundle' }
      : checkBundle({ sha256, verify: verifyEd25519 }, key, text),
  )
}

/** What was signed before: the heads kept here, and the one kept elsewhere. */
const signedBefore = (kept: KeptTree | null, key: NoteKey | null): readonly TreeHead[] => {
  const checkpoints = kept?.checkpoints() ?? []
  const heads = checkpoints.flatMap((each) => (key === null ? [] : (openHead(sha256, key, verifyEd25519, each) ?? [])))
  if (heads.length < checkpoints.length)
    note(`${checkpoints.length - heads.length} kept heads are not signed by the log's key`)
  return heads
}

const keptIn = (folder: string): KeptTree | null => {
  if (!existsSync(join(folder, 'proofs.db'))) return null
  try {
    return openKeptTree(folder)
  } catch (error) {
    note(`proofs.db is damaged, and the log is checked without it: ${String(error)}`)
    return null
  }
}

const verdictOn = (log: AuditedLog, heads: readonly TreeHead[], kept: KeptTree | null): Promise<Verdict> => {
  const leaves = kept?.leaves(kept.grown().frontier.size) ?? []
  return verifyLog(sha256, log, { heads, leaves }, (events) => progressLine(`${events} events`))
}

/** A folder's log is read without the store, which would refuse or mend what is to be found. */
const auditFolder = async (folder: string, heads: readonly TreeHead[], kept: KeptTree | null): Promise<Verdict> => {
  let db: Sqlite.Database | undefined
  try {
    db = new Sqlite(join(folder, 'log.db'), { readonly: true, timeout: 10_000 })
    return await verdictOn(auditSqliteLog(db), heads, kept)
  } catch (error) {
    return { events: 0, ok: false, firstBad: '1', reason: `the log cannot be read: ${String(error)}` }
  } finally {
    db?.close()
  }
}

const headKeptElsewhere = (file: string, key: NoteKey | null): TreeHead => {
  const checkpoint = contentOf('--since', file)
  const head = key === null ? null : openHead(sha256, key, verifyEd25519, checkpoint)
  if (head === null) throw new Failure(`--since: ${file} holds no head that this log's key signed`)
  return head
}

/**
 * `verify`: checks the whole log against itself and against everything that was signed of it, and signs it where all is
 * well; or with `bundle` a ticket's proof, without any log. `folder` holds the keys and what was signed.
 * @throws Failure where anything was altered, removed, added or put in another order.
 */
export const verify = async (place: LogPlace, folder: string, options: VerifyOptions): Promise<void> => {
  if (options.bundle !== undefined) return verifyBundle(options.bundle, folder, options.key)
  if ('folder' in place && !existsSync(join(place.folder, 'log.db'))) {
    throw new Failure(`there is no log in ${place.folder}; set LEDGERDESK_DATA to the folder that the server uses`)
  }
  const key = options.key === undefined ? ownKey(folder) : keyFrom(options.key)
  const kept = keptIn(folder)
  try {
    const elsewhere = options.since === undefined ? [] : [headKeptElsewhere(options.since, key)]
    const heads = [...signedBefore(kept, key), ...elsewhere]
    const verdict =
      'folder' in place
        ? await auditFolder(place.folder, heads, kept)
        : await withLog(place, false, (store) => verdictOn(auditStore(store), heads, kept))
    endProgress()
    if (verdict.ok) await withLog(place, false, (store) => signedNow(store, folder))
    await printVerdict(verdict)
  } finally {
    kept?.close()
  }
}
