import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { temporaryFolder } from './temporary-folder.ts'

const root = resolve(import.meta.dirname, '../..')

/** A change of one file of the program: a text that occurs in it once, and what replaces it; or a new file's text. */
export type Edit =
  | { readonly file: string; readonly from: string; readonly to: string }
  | { readonly file: string; readonly text: string }

const apply = (tree: string, edit: Edit): void => {
  const path = join(tree, edit.file)
  if ('text' in edit) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, edit.text)
    return
  }
  const before = readFileSync(path, 'utf8')
  if (before.split(edit.from).length !== 2) throw new Error(`${edit.file} does not have once: ${edit.from}`)
  writeFileSync(path, before.replace(edit.from, edit.to))
}

/** A copy of the program with some files changed, as another version of it. */
export const editedProgram = (edits: readonly Edit[]): { readonly path: string; readonly remove: () => void } => {
  const folder = temporaryFolder()
  for (const layer of ['domain', 'projections', 'adapters', 'app', 'package.json']) {
    cpSync(join(root, layer), join(folder.path, layer), {
      recursive: true,
      filter: (path) => !path.includes('node_modules'),
    })
  }
  symlinkSync(join(root, 'node_modules'), join(folder.path, 'node_modules'))
  for (const edit of edits) apply(folder.path, edit)
  return folder
}
