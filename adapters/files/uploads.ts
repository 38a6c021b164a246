import { left, right, type Either } from 'fp-ts/lib/Either.js'
import type { Claim, Uploader, Uploads } from '../../domain/files/uploads.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Upload } from '../../domain/files/uploads.ts'
import { isMissing, moveSynced } from './durable.ts'
import { readMeta, type Meta } from './meta.ts'
import { isFileId, type Places } from './places.ts'

const belongsTo = (meta: Meta, { id, account }: Uploader): boolean =>
  meta.uploader.id === id && meta.uploader.account === account

const uploadOf = ({ id, name, mediaType, size, sha256 }: Meta): Upload => ({ id, name, mediaType, size, sha256 })

/** Moves; false where somebody else moved it first. */
const moved = async (from: string, to: string): Promise<boolean> => {
  try {
    await moveSynced(from, to)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

/**
 * Uploads as commands use them: a claim is a rename, which only one of two can do. `failed` hears of a file that could
 * not be moved after its command was over.
 */
export const uploadsIn = (
  places: Places,
  failed: (problem: { readonly id: string; readonly error: unknown }) => void,
): Uploads => {
  const ownClaim = async (id: string, commandId: string): Promise<string | null> => {
    const claim = await places.claimOn(id)
    return claim?.commandId === commandId ? claim.path : null
  }

  const claimedMeta = async (id: string, commandId: string): Promise<Meta | null> => {
    const claimed = await ownClaim(id, commandId)
    return claimed === null ? null : readMeta(claimed)
  }

  /** What is not moved now, the sweep moves: the outcome of the command stands already. */
  const later = async (id: string, move: Promise<unknown>): Promise<void> => {
    try {
      await move
    } catch (error) {
      failed({ id, error })
    }
  }

  const findOne = async (uploader: Uploader, id: string, { commandId }: Claim): Promise<Either<Refusal, Upload>> => {
    const unknown: Refusal = { tag: 'UnknownFile', file: id }
    if (!isFileId(id)) return left(unknown)
    const meta = (await readMeta(places.uploaded(id))) ?? (await claimedMeta(id, commandId))
    if (meta === null || !belongsTo(meta, uploader)) return left(unknown)
    switch (meta.scan) {
      case 'clean':
        return right(uploadOf(meta))
      case 'pending':
        return left({ tag: 'FilePending', file: id })
      case 'infected':
        return left({ tag: 'FileInfected', name: meta.name })
    }
  }

  const keepOne = async (id: string): Promise<void> => {
    const claim = await places.claimOn(id)
    if (claim !== null && (await moved(claim.path, places.kept(id)))) return
    await moved(places.uploaded(id), places.kept(id))
  }

  const releaseOne = async (id: string, commandId: string): Promise<void> => {
    const claimed = await ownClaim(id, commandId)
    if (claimed !== null) await moved(claimed, places.uploaded(id))
  }

  return {
    find: (uploader, ids, claim) => async () => {
      const found: Upload[] = []
      for (const id of ids) {
        const one = await findOne(uploader, id, claim)
        if (one._tag === 'Left') return one
        found.push(one.right)
      }
      return right(found)
    },
    claim: (ids, claim) => async () => {
      for (const id of ids) {
        const isOurs =
          (await moved(places.uploaded(id), places.claimedBy(id, claim))) ||
          (await ownClaim(id, claim.commandId)) !== null
        if (!isOurs) return left({ tag: 'UnknownFile', file: id })
      }
      return right(undefined)
    },
    keep: async (ids) => {
      for (const id of ids) await later(id, keepOne(id))
    },
    release: async (ids, commandId) => {
      for (const id of ids) await later(id, releaseOne(id, commandId))
    },
  }
}
