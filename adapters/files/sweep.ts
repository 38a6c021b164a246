import { rm } from 'node:fs/promises'
import type { Claim, Uploads } from '../../domain/files/uploads.ts'
import type { TicketId } from '../../domain/ids.ts'
import type { Scanner } from './clamd.ts'
import { moved, moveSynced } from './durable.ts'
import { bytesIn, movedAt, type FileFolders } from './folders.ts'
import { DamagedMetadata, readMetadata, removeMetadata, writeMetadata, type Metadata } from './metadata.ts'

const hour = 3_600_000
/** An upload that no command used within this time is removed. */
const unusedFor = 24 * hour
/** A command that claimed a file this long ago has ended, with whatever outcome. */
const claimedFor = 60_000

export interface SweepPorts {
  readonly folders: FileFolders
  readonly uploads: Uploads
  readonly scan: Scanner
  /** Whether the ticket's events name the file; null where the stream cannot be read now. */
  readonly isNamed: (ticket: TicketId, file: string) => Promise<boolean | null>
  /** One file could not be swept; the others are. The next sweep tries it again, unless it was set aside. */
  readonly onError: (problem: { readonly file: string; readonly error: unknown; readonly setAside: boolean }) => void
  /** Ms since 1970. */
  readonly now: number
}

export interface Swept {
  readonly removed: number
  readonly kept: number
  readonly released: number
}

const older = async (path: string, than: number): Promise<boolean> => {
  const at = await movedAt(path)
  return at > 0 && at < than
}

/** Does the same for each file; one that fails does not stop the others. */
const forEach = async <A extends { readonly id: string }>(
  { folders, onError }: SweepPorts,
  files: readonly A[],
  work: (file: A) => Promise<void>,
): Promise<void> => {
  for (const file of files) {
    try {
      await work(file)
    } catch (error) {
      const setAside =
        error instanceof DamagedMetadata &&
        (await moveSynced(folders.uploaded(file.id), folders.damaged(file.id)).then(
          () => true,
          () => false,
        ))
      onError({ file: file.id, error, setAside })
    }
  }
}

const forgetUnused = async (ports: SweepPorts): Promise<number> => {
  const { folders, now } = ports
  let removed = 0
  const forget = (folderOf: (id: string) => string, ids: readonly string[]): Promise<void> =>
    forEach(
      ports,
      ids.map((id) => ({ id })),
      async ({ id }) => {
        if (!(await older(folderOf(id), now - unusedFor))) return
        await rm(folderOf(id), { recursive: true, force: true })
        removed++
      },
    )
  await forget(folders.incoming, await folders.allIncoming())
  await forget(folders.uploaded, await folders.allUploaded())
  return removed
}

type Settled = 'kept' | 'released' | 'left'

const settle = async ({ uploads, isNamed }: SweepPorts, claim: Claim & { readonly id: string }): Promise<Settled> => {
  const named = await isNamed(claim.ticket, claim.id)
  if (named === null) return 'left'
  if (named) await uploads.keep([claim.id])
  else await uploads.release([claim.id], claim.commandId)
  return named ? 'kept' : 'released'
}

/** Scans uploads again that got no verdict before. */
const scanPending = async (ports: SweepPorts): Promise<void> => {
  const { folders, scan } = ports
  const uploaded = (await folders.allUploaded()).map((id) => ({ id }))
  await forEach(ports, uploaded, async ({ id }) => {
    const folder = folders.uploaded(id)
    const metadata = await readMetadata(folder)
    if (metadata?.scan !== 'pending') return
    const verdict = await scan(bytesIn(folder))
    if (verdict !== 'unknown') await storeVerdict(folders, { ...metadata, scan: verdict })
  })
}

/** Stores a verdict. The metadata is replaced in the incoming folder, so that no reader meets half of it. */
const storeVerdict = async (folders: FileFolders, metadata: Metadata): Promise<void> => {
  const incoming = folders.incoming(metadata.id)
  if (!(await moved(folders.uploaded(metadata.id), incoming))) return
  await removeMetadata(incoming)
  if (metadata.scan === 'infected') await rm(bytesIn(incoming))
  await writeMetadata(incoming, metadata)
  await moveSynced(incoming, folders.uploaded(metadata.id))
}

/** Settles old claims by the log, scans pending uploads again, and removes unused ones. */
export const sweep = async (ports: SweepPorts): Promise<Swept> => {
  const counts = { kept: 0, released: 0, left: 0 }
  await forEach(ports, await ports.folders.allClaimed(), async (claim) => {
    if (await older(claim.path, ports.now - claimedFor)) counts[await settle(ports, claim)]++
  })
  await scanPending(ports)
  return { removed: await forgetUnused(ports), kept: counts.kept, released: counts.released }
}
