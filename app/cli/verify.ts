import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { auditSqliteLog } from '../../adapters/event-store/sqlite/audit.ts'
import { openMerkleStore, type MerkleStore } from '../../adapters/proofs/merkle-store.ts'
import { openTreeKey, verifyEd25519 } from '../../adapters/proofs/tree-key.ts'
import { positionOf } from '../../domain/event-log/envelope.ts'
import { checkBundle, keyInBundle, type Verdict } from '../../domain/proof/bundle.ts'
import type { AuditedLog } from '../../domain/proof/audit.ts'
import { openHead, type TreeHead } from '../../domain/proof/checkpoint.ts'
import { readKey, type NoteKey } from '../../domain/proof/note.ts'
import type { LogPlace } from '../event-store.ts'
import type { Failure } from '../failures.ts'
import { proofsAside } from '../proof/keep-aside.ts'
import { signLog } from '../proof/sign.ts'
import { auditStore, verifyLog } from '../proof/verify.ts'
import { systemPorts } from '../system.ts'
import { invalidArgument } from './arguments.ts'
import { checkLogExists, setDataFolder, withLog } from './log.ts'
import { endProgress, print, progressLine } from './output.ts'

export interface VerifyOptions {
  readonly since?: string
  readonly bundle?: string
  /** A public key as `head --public-key` prints it, or a file with one. */
  readonly key?: string
}

const { sha256 } = systemPorts
const warn = (line: string): void => void process.stderr.write(`${line}\n`)

const contentOf = (option: string, file: string): E.Either<Failure, string> =>
  existsSync(file)
    ? E.right(readFileSync(file, 'utf8'))
    : invalidArgument(option, `must be a file: there is no file ${file}`)

const keyFrom = (text: string): E.Either<Failure, NoteKey> => {
  const key = readKey(sha256, (existsSync(text) ? readFileSync(text, 'utf8') : text).trim())
  return key === null
    ? invalidArgument('--key', 'must be a public key as ledgerdesk head --public-key prints it, or a file with one')
    : E.right(key)
}

/** The key of the data folder; null where the folder has none. */
const ownKey = (folder: string): NoteKey | null =>
  existsSync(join(folder, 'tree-key')) ? openTreeKey(folder).key : null

const keyOf = (folder: string, option: string | undefined): E.Either<Failure, NoteKey | null> =>
  option === undefined ? E.right(ownKey(folder)) : keyFrom(option)

const printVerdict = ({ events, ok, firstBad, reason }: Verdict): TE.TaskEither<Failure, void> =>
  pipe(
    TE.fromTask<void, Failure>(() => print(JSON.stringify({ events, ok, firstBad }))),
    TE.filterOrElse(
      () => ok,
      (): Failure => ({ code: 'FailedVerification', firstBad, reason }),
    ),
  )

const bundleVerdict = (known: NoteKey | null, text: string): Verdict => {
  const contained = keyInBundle(text)
  if (known === null) warn(`checked with the key that the bundle contains, ${contained}: compare it with the log's key`)
  const key = known ?? (contained === null ? null : readKey(sha256, contained))
  return key === null
    ? { events: 0, ok: false, firstBad: null, reason: 'this is no proof bundle' }
    : checkBundle({ sha256, verify: verifyEd25519 }, key, text)
}

const verifyBundle = (file: string, folder: string, option: string | undefined): TE.TaskEither<Failure, void> =>
  pipe(
    E.Do,
    E.bind('text', () => contentOf('--bundle', file)),
    E.bind('key', () => keyOf(folder, option)),
    TE.fromEither,
    TE.flatMap(({ text, key }) => printVerdict(bundleVerdict(key, text))),
  )

/** The stored heads that the key signed. */
const storedHeads = (merkle: MerkleStore | null, key: NoteKey | null): readonly TreeHead[] => {
  const checkpoints = merkle?.checkpoints() ?? []
  const heads = checkpoints.flatMap((each) => (key === null ? [] : (openHead(sha256, key, verifyEd25519, each) ?? [])))
  if (heads.length < checkpoints.length) {
    warn(`${checkpoints.length - heads.length} stored heads are not signed by the log's key`)
  }
  return heads
}

const merkleStoreIn = (folder: string): MerkleStore | null => {
  if (!existsSync(join(folder, 'proofs.db'))) return null
  try {
    return openMerkleStore(folder)
  } catch (error) {
    warn(`proofs.db is damaged, and the log is checked without it: ${String(error)}`)
    return null
  }
}

const audit = (log: AuditedLog, heads: readonly TreeHead[], merkle: MerkleStore | null): Promise<Verdict> => {
  const leaves = merkle?.leaves(merkle.grown().frontier.size) ?? []
  return verifyLog(sha256, log, { heads, leaves }, (events) => progressLine(`${events} events`))
}

/** Reads the file of a folder without the store, which would refuse to open a damaged one. */
const auditFolder = async (
  folder: string,
  heads: readonly TreeHead[],
  merkle: MerkleStore | null,
): Promise<Verdict> => {
  let db: Sqlite.Database | undefined
  try {
    db = new Sqlite(join(folder, 'log.db'), { readonly: true, timeout: 10_000 })
    return await audit(auditSqliteLog(db), heads, merkle)
  } catch (error) {
    return { events: 0, ok: false, firstBad: positionOf(1), reason: `the log cannot be read: ${String(error)}` }
  } finally {
    db?.close()
  }
}

/** The head of the file that `--since` names: none without the option. */
const headsSince = (file: string | undefined, key: NoteKey | null): E.Either<Failure, readonly TreeHead[]> =>
  file === undefined
    ? E.right([])
    : pipe(
        contentOf('--since', file),
        E.flatMap((checkpoint) => {
          const head = key === null ? null : openHead(sha256, key, verifyEd25519, checkpoint)
          return head === null
            ? invalidArgument('--since', `must be a head that this log's key signed, and ${file} holds none`)
            : E.right([head])
        }),
      )

const verdictOf =
  (place: LogPlace, folder: string, key: NoteKey | null, since: readonly TreeHead[]): TE.TaskEither<Failure, Verdict> =>
  async () => {
    for (const file of proofsAside(folder)) warn(`${file} holds proofs of another or of a longer history of the log`)
    const merkle = merkleStoreIn(folder)
    try {
      const heads = [...storedHeads(merkle, key), ...since]
      return 'folder' in place
        ? E.right(await auditFolder(place.folder, heads, merkle))
        : await withLog(place, setDataFolder, (store) => TE.fromTask(() => audit(auditStore(store), heads, merkle)))()
    } finally {
      endProgress()
      merkle?.close()
    }
  }

/** A log without a finding is signed. */
const signVerified = (place: LogPlace, folder: string, verdict: Verdict): TE.TaskEither<Failure, Verdict> =>
  verdict.ok
    ? pipe(
        withLog(place, setDataFolder, (store) => signLog(store, folder)),
        TE.map(() => verdict),
      )
    : TE.right(verdict)

/**
 * `verify`: checks the whole log against itself and against the heads that were signed of it, and signs it where nothing
 * was altered, removed, added or reordered; or with `bundle` checks the proof of one ticket, without a log. `folder` holds
 * the key and the Merkle store.
 */
export const verify = (place: LogPlace, folder: string, options: VerifyOptions): TE.TaskEither<Failure, void> =>
  options.bundle !== undefined
    ? verifyBundle(options.bundle, folder, options.key)
    : pipe(
        checkLogExists(place, setDataFolder),
        E.flatMap(() => keyOf(folder, options.key)),
        E.bindTo('key'),
        E.bind('since', ({ key }) => headsSince(options.since, key)),
        TE.fromEither,
        TE.flatMap(({ key, since }) => verdictOf(place, folder, key, since)),
        TE.flatMap((verdict) => signVerified(place, folder, verdict)),
        TE.flatMap(printVerdict),
      )
