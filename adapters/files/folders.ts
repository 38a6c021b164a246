import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import type { Claim } from '../../domain/files/uploads.ts'
import { CommandId, StoredTicketId } from '../../domain/ids.ts'
import { isMissing, makeFolder } from './durable.ts'

/**
 * The folder in which a file lies is its state: being received, uploaded and unused, claimed by a command, or kept because
 * an event names it. Each file is a folder with its bytes and metadata; a change of state is one rename.
 */
export interface FileFolders {
  readonly incoming: (id: string) => string
  readonly uploaded: (id: string) => string
  readonly claimedBy: (id: string, claim: Claim) => string
  readonly kept: (id: string) => string
  /** Uploads that the sweep set aside because nothing says what they are. A person decides about them. */
  readonly damaged: (id: string) => string
  /** The claim on this upload, by any command. */
  readonly claimOn: (id: string) => Promise<(Claim & { readonly path: string }) | null>
  readonly allIncoming: () => Promise<readonly string[]>
  readonly allUploaded: () => Promise<readonly string[]>
  readonly allClaimed: () => Promise<readonly (Claim & { readonly id: string; readonly path: string })[]>
  readonly allKept: () => Promise<readonly string[]>
}

/** 128 random bits in hex: no other text becomes a part of a path. */
export const isFileId = (text: string): boolean => /^[0-9a-f]{32}$/.test(text)

const claimName = /^(?<id>[0-9a-f]{32})\.(?<commandId>[0-9a-f-]{36})\.(?<ticket>T-[0-9A-Z]{8})$/
const ClaimName = t.strict({ id: t.string, commandId: CommandId, ticket: StoredTicketId })

const claimIn = (folder: string, name: string) =>
  pipe(
    ClaimName.decode(claimName.exec(name)?.groups),
    E.match(
      () => [],
      (claim) => [{ ...claim, path: join(folder, name) }],
    ),
  )

export const openFileFolders = async (root: string): Promise<FileFolders> => {
  const [incoming, uploaded, claimed, kept, damaged] = [
    join(root, 'incoming'),
    join(root, 'uploaded'),
    join(root, 'claimed'),
    join(root, 'kept'),
    join(root, 'damaged'),
  ]
  for (const folder of [incoming, uploaded, claimed, kept, damaged]) await makeFolder(folder)
  const allClaimed: FileFolders['allClaimed'] = async () =>
    (await readdir(claimed)).flatMap((name) => claimIn(claimed, name))
  const ids = async (folder: string): Promise<string[]> => (await readdir(folder)).filter(isFileId)
  return {
    incoming: (id) => join(incoming, id),
    uploaded: (id) => join(uploaded, id),
    claimedBy: (id, { commandId, ticket }) => join(claimed, `${id}.${commandId}.${ticket}`),
    kept: (id) => join(kept, id),
    damaged: (id) => join(damaged, id),
    claimOn: async (id) => (await allClaimed()).find((each) => each.id === id) ?? null,
    allIncoming: () => ids(incoming),
    allUploaded: () => ids(uploaded),
    allClaimed,
    allKept: () => ids(kept),
  }
}

/** When the path was last moved or changed, in ms since 1970; 0 where it does not exist. */
export const movedAt = async (path: string): Promise<number> => {
  try {
    return (await stat(path)).ctimeMs
  } catch (error) {
    if (isMissing(error)) return 0
    throw error
  }
}

export const bytesIn = (folder: string): string => join(folder, 'bytes')

/** The path of the bytes of a file that an event names; null where there is none. */
export const pathOfNamed = async (folders: FileFolders, id: string): Promise<string | null> => {
  if (!isFileId(id)) return null
  const kept = folders.kept(id)
  if ((await movedAt(kept)) > 0) return bytesIn(kept)
  const claim = await folders.claimOn(id)
  if (claim !== null && (await movedAt(claim.path)) > 0) return bytesIn(claim.path)
  // It may have been moved from claimed to kept in between.
  return (await movedAt(kept)) > 0 ? bytesIn(kept) : null
}
