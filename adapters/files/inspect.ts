import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { isMissing } from './durable.ts'
import { pathIn, type Places } from './places.ts'

/** A file as an event names it. */
export interface NamedFile {
  readonly id: string
  readonly ticket: string
  readonly size: number
  /** 64 hex digits. */
  readonly sha256: string
}

export type Flaw = 'missing' | 'altered'

export interface Inspection {
  /** How many files the log names. */
  readonly files: number
  /** Whether each of them is there, byte for byte. */
  readonly ok: boolean
  readonly flaws: readonly { readonly id: string; readonly ticket: string; readonly flaw: Flaw }[]
  /** Kept, and named by no event: what a log has that was put back from an older backup. */
  readonly orphans: readonly string[]
  /** Uploaded, and not yet named by a message. */
  readonly unused: number
}

const flawOf = async (places: Places, { id, size, sha256 }: NamedFile): Promise<Flaw | null> => {
  const path = await pathIn(places, id)
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
export const inspect = async (places: Places, named: AsyncIterable<NamedFile>): Promise<Inspection> => {
  // Looked at first: what is kept by now is in the log by now, so the rest are orphans for good.
  const orphans = new Set(await places.allKept())
  const flaws: { readonly id: string; readonly ticket: string; readonly flaw: Flaw }[] = []
  let files = 0
  for await (const file of named) {
    files++
    orphans.delete(file.id)
    const flaw = await flawOf(places, file)
    if (flaw !== null) flaws.push({ id: file.id, ticket: file.ticket, flaw })
  }
  return { files, ok: flaws.length === 0, flaws, orphans: [...orphans], unused: (await places.allUploaded()).length }
}
