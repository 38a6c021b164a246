import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Claim, Upload, Uploader, Uploads } from '../../domain/files/uploads.ts'
import type { CommandId } from '../../domain/ids.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { moved, orRefused } from './durable.ts'
import { isFileId, type FileFolders } from './folders.ts'
import { DamagedMetadata, readMetadata, type Metadata } from './metadata.ts'

const belongsTo = (metadata: Metadata, { id, account }: Uploader): boolean =>
  metadata.uploader.id === id && metadata.uploader.account === account

const uploadOf = ({ id, name, mediaType, size, sha256 }: Metadata): Upload => ({ id, name, mediaType, size, sha256 })

/**
 * Uploads as commands use them. A claim is a rename, which succeeds for one of two commands only. `onError` gets a file
 * that could not be moved after its command was done: the sweep moves it later.
 */
export const uploadsIn = (
  folders: FileFolders,
  onError: (problem: { readonly id: string; readonly error: unknown }) => void,
): Uploads => {
  const ownClaim = async (id: string, commandId: CommandId): Promise<string | null> => {
    const claim = await folders.claimOn(id)
    return claim?.commandId === commandId ? claim.path : null
  }

  const claimedMetadata = async (id: string, claim: Claim | null): Promise<Metadata | null> => {
    const claimed = claim === null ? null : await ownClaim(id, claim.commandId)
    return claimed === null ? null : readMetadata(claimed)
  }

  /** A damaged description says nothing: the upload is unknown, and the sweep sets it aside. */
  const metadataOf = async (id: string, claim: Claim | null): Promise<Metadata | null> => {
    try {
      return (await readMetadata(folders.uploaded(id))) ?? (await claimedMetadata(id, claim))
    } catch (error) {
      if (error instanceof DamagedMetadata) return null
      throw error
    }
  }

  const findOne =
    (uploader: Uploader, claim: Claim | null) =>
    (id: string): TE.TaskEither<Refusal, Upload> => {
      const readable = isFileId(id) ? orRefused(() => metadataOf(id, claim)) : TE.right(null)
      const judge = (metadata: Metadata | null): Either<Refusal, Upload> => {
        if (metadata === null || !belongsTo(metadata, uploader)) return left({ tag: 'UnknownFile', file: id })
        switch (metadata.scan) {
          case 'clean':
            return right(uploadOf(metadata))
          case 'pending':
            return left({ tag: 'FilePending', file: id })
          case 'infected':
            return left({ tag: 'FileInfected', name: metadata.name })
        }
      }
      return pipe(readable, TE.flatMapEither(judge))
    }

  const claimOne =
    (claim: Claim) =>
    (id: string): TE.TaskEither<Refusal, unknown> =>
      pipe(
        orRefused(
          async () =>
            (await moved(folders.uploaded(id), folders.claimedBy(id, claim))) ||
            (await ownClaim(id, claim.commandId)) !== null,
        ),
        TE.filterOrElse(
          (isOwn) => isOwn,
          (): Refusal => ({ tag: 'UnknownFile', file: id }),
        ),
      )

  const keepOne = async (id: string): Promise<void> => {
    const claim = await folders.claimOn(id)
    if (claim !== null && (await moved(claim.path, folders.kept(id)))) return
    await moved(folders.uploaded(id), folders.kept(id))
  }

  const releaseOne = async (id: string, commandId: CommandId): Promise<void> => {
    const claimed = await ownClaim(id, commandId)
    if (claimed !== null) await moved(claimed, folders.uploaded(id))
  }

  /** The command is done: a move that fails now changes nothing about its outcome. */
  const moveEach = async (ids: readonly string[], move: (id: string) => Promise<void>): Promise<void> => {
    for (const id of ids) await move(id).catch((error: unknown) => onError({ id, error }))
  }

  return {
    find: (uploader, ids, claim) => pipe(ids, TE.traverseSeqArray(findOne(uploader, claim))),
    claim: (ids, claim) =>
      pipe(
        ids,
        TE.traverseSeqArray(claimOne(claim)),
        TE.map(() => undefined),
      ),
    keep: (ids) => moveEach(ids, keepOne),
    release: (ids, commandId) => moveEach(ids, (id) => releaseOne(id, commandId)),
  }
}
