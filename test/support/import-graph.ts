import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/** A quoted path to a file: what is imported, started as a process or a worker, or read, from here or from the root. */
const quotedPath = /(['"`])([\w@./-]*[\w@-]\.\w+)\1/g

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false

/**
 * The project's graph of files, read from the quoted paths in them, since the end-to-end tests start most of the product
 * by its path and not by an import. One graph reads each file once: make a new one after a change.
 */
export const readImportGraph = () => {
  const edges = new Map<string, readonly string[]>()
  const edgesOf = (file: string): readonly string[] => {
    const known = edges.get(file)
    if (known !== undefined) return known
    const isSource = /\.(ts|tsx|js|mjs)$/.test(file) && existsSync(file)
    const quoted = isSource ? [...readFileSync(file, 'utf8').matchAll(quotedPath)].map(([, , path = '']) => path) : []
    const found = quoted
      .flatMap((path) => [join(dirname(file), path), join(root, path)])
      .filter((path) => !path.includes('node_modules') && isFile(path))
    edges.set(file, found)
    return found
  }
  return {
    /** Every file that `file` needs, itself included; absolute paths. */
    neededBy: (file: string): ReadonlySet<string> => {
      const needed = new Set([file])
      // A Set's iteration includes what is added meanwhile.
      for (const each of needed) for (const next of edgesOf(each)) needed.add(next)
      return needed
    },
  }
}
