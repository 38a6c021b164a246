import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Claim, Uploads } from '../../domain/files/uploads.ts'
import { readMeta, writeMeta, type Meta } from './meta.ts'
import { bytesIn, movedAt, type Places } from './places.ts'
import type { Scanner } from './scanner.ts'
import { isMissing, moveSynced } from './durable.ts'

const hour = 3_600_000
/** What no command has named by then goes (contract, section 4). */
const unusedFor = 24 * hour
/** A command that claimed a file this long ago is over, whatever became of it. */
const claimedFor = 60_000

export interface SweepPorts {
  readonly places: Places
  readonly uploads: Uploads
  readonly scan: Scanner
  /** Whether the ticket's events name the file; null where nobody can tell now. */
  readonly isNamed: (ticket: string, file: string) => Promise<boolean | null>
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

const forgetUnused = async ({ places, now }: SweepPorts): Promise<number> => {
  let removed = 0
  const forget = async (folder: string): Promise<void> => {
    if (!(await older(folder, now - unusedFor))) return
    await rm(folder, { recursive: true, force: true })
    removed++
  }
  for (const id of await places.allIncoming()) await forget(places.incoming(id))
  for (const id of await places.allUploaded()) await forget(places.uploaded(id))
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

/** Asks again about files that the scanner could not judge when they came. */
const scanAgain = async ({ places, scan }: SweepPorts): Promise<void> => {
  for (const id of await places.allUploaded()) {
    const folder = places.uploaded(id)
    const meta = await readMeta(folder)
    if (meta?.scan !== 'pending') continue
    const verdict = await scan(bytesIn(folder))
    if (verdict !== 'unknown') await judge(places, { ...meta, scan: verdict })
  }
}

/** The description is replaced whole, on the way in again, so that no reader ever meets half of one. */
const judge = async (places: Places, meta: Meta): Promise<void> => {
  const incoming = places.incoming(meta.id)
  try {
    await moveSynced(places.uploaded(meta.id), incoming)
  } catch (error) {
    if (isMissing(error)) return
    throw error
  }
  await rm(join(incoming, 'meta.json'))
  if (meta.scan === 'infected') await rm(bytesIn(incoming))
  await writeMeta(incoming, meta)
  await moveSynced(incoming, places.uploaded(meta.id))
}

/** Brings the folders in line with the log and the clock: at start, and from time to time. */
export const sweep = async (ports: SweepPorts): Promise<Swept> => {
  const counts = { kept: 0, released: 0, left: 0 }
  for (const claim of await ports.places.allClaimed()) {
    if (await older(claim.path, ports.now - claimedFor)) counts[await settle(ports, claim)]++
  }
  await scanAgain(ports)
  return { removed: await forgetUnused(ports), kept: counts.kept, released: counts.released }
}
