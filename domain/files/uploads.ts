import { left, right, type TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { AccountId, CommandId, PersonId, TicketId } from '../ids.ts'
import type { Refusal } from '../refusal.ts'

/** A file that was uploaded and checked, and belongs to no message yet. `size` in bytes, `sha256` as hex. */
export interface Upload {
  readonly id: string
  readonly name: string
  readonly mediaType: string
  readonly size: number
  readonly sha256: string
}

/** Who uploads: a person of an account, or a service. An upload belongs to its uploader alone. */
export interface Uploader {
  readonly id: PersonId
  /** Null for support, and for a service that is bound to no account. */
  readonly account: AccountId | null
}

/** The command that uses an upload. A claim is durable before the command's events are, so that no two commands share one. */
export interface Claim {
  readonly commandId: CommandId
  readonly ticket: TicketId
}

/**
 * Uploads as a command uses them (docs/adr/0022-uploads-are-claimed.md): found, claimed before the append, kept once the
 * events are stored, released when the command is refused. A claim that a crash left open is settled against the log.
 */
export interface Uploads {
  /** In their order: unused ones of this uploader, or those that this very command claimed before. Null claims nothing. */
  readonly find: (
    uploader: Uploader,
    ids: readonly string[],
    claim: Claim | null,
  ) => TaskEither<Refusal, readonly Upload[]>
  readonly claim: (ids: readonly string[], claim: Claim) => TaskEither<Refusal, void>
  readonly keep: (ids: readonly string[]) => Promise<void>
  readonly release: (ids: readonly string[], commandId: CommandId) => Promise<void>
}

/** Without uploads, as in an import: every file that a command names is unknown. */
export const noUploads: Uploads = {
  find: (_uploader, ids) => {
    const [file] = ids
    return file === undefined ? right([]) : left({ tag: 'UnknownFile', file })
  },
  claim: () => right(undefined),
  keep: () => Promise.resolve(),
  release: () => Promise.resolve(),
}
