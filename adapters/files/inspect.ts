import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { TicketId } from '../../domain/ids.ts'
import { isMissing } from './durable.ts'
import { pathOfNamed, type FileFolders } from './folders.ts'

/** A file as an event names it. */
export interface NamedFile {
  readonly id: string
  readonly ticket: TicketId
  readonly size: number
  /** 64 hex digits. */
  readonly sha256: string
}

export type Flaw = 'missing' | 'altered'

export interface Inspection {
  /** How many files the log names. */
  readonly files: number
  /** Whether each of them is stored with the right size and hash. */
  readonly ok: boolean
  readonly flaws: readonly { readonly id: string; readonly ticket: TicketId; readonly flaw: Flaw }[]
  /** Kept, but named by no event: such files remain when the log is restored from an older backup. */
  readonly orphans: readonly string[]
  /** Uploaded, and not used by a command. */
  readonly unused: number
}

const flawOf = async (folders: FileFolders, { id, size, sha256 }: NamedFile): Promise<Flaw | null> => {
  const path = await pathOfNamed(folders, id)
  if (path === null) return 'missing'
  const hash = createHash('sha256')
  let read = 0
  try {
    const bytes: AsyncIterable<Uint8Array> = createReadStream(path)
    for await (const chunk of bytes) {
      hash.update(chunk)
      read += chunk.length
    }
  } catch (error) {
    if (isMissing(error)) return 'missing'
    throw error
  }
  return read === size && hash.digest('hex') === sha256 ? null : 'altered'
}

/** Compares the folder with the log, beside a running server or without one. Changes nothing. */
export const inspect = async (folders: FileFolders, named: AsyncIterable<NamedFile>): Promise<Inspection> => {
  // Listed first: a file is kept after its event is in the log, so a listed file that no event names is an orphan.
  const orphans = new Set(await folders.allKept())
  const flaws: { readonly id: string; readonly ticket: TicketId; readonly flaw: Flaw }[] = []
  let files = 0
  for await (const file of named) {
    files++
    orphans.delete(file.id)
    const flaw = await flawOf(folders, file)
    if (flaw !== null) flaws.push({ id: file.id, ticket: file.ticket, flaw })
  }
  return { files, ok: flaws.length === 0, flaws, orphans: [...orphans], unused: (await folders.allUploaded()).length }
}
