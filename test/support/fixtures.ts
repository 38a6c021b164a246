import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Kind } from '../../domain/files/kinds.ts'

/** A file to be uploaded. */
export interface Sent {
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

const folder = join(import.meta.dirname, '../fixtures/files')

/** One real file of each kind, by its extension. */
export const fixtures: ReadonlyMap<string, Sent> = new Map(
  readdirSync(folder)
    .filter((name) => name !== 'README.md')
    .map((name) => [
      name.slice(name.lastIndexOf('.') + 1),
      { name, bytes: new Uint8Array(readFileSync(join(folder, name))) },
    ]),
)

/** @throws Error where the folder has no such file. */
export const fixture = (kind: Kind): Sent => {
  const file = fixtures.get(kind)
  if (file === undefined) throw new Error(`there is no ${kind} among the fixtures`)
  return file
}

export const text = (name: string, content: string): Sent => ({ name, bytes: new TextEncoder().encode(content) })

/** The given bytes, padded with `fill` to a size. */
export const padded = ({ name, bytes }: Sent, size: number, fill = 0x20): Sent => {
  const longer = new Uint8Array(size).fill(fill)
  longer.set(bytes)
  return { name, bytes: longer }
}

export const formOf = (...files: readonly Sent[]): FormData => {
  const form = new FormData()
  for (const { name, bytes } of files) form.append('file', new Blob([bytes]), name)
  return form
}
