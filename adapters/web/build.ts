import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import Sqlite from 'better-sqlite3'

/**
 * Builds the pages with Vite into `dist`, unless `dist` was built from the same sources: `node adapters/web/build.ts`.
 * Sources are every file below this folder, every project file that these import, and `package-lock.json`, which fixes
 * the packages. `dist/sources.json` maps each to the hash of its content; Vite empties `dist` first and the map is
 * written last, so an interrupted build never passes for a complete one.
 */
const root = resolve(import.meta.dirname, '../..')
const dist = join(import.meta.dirname, 'dist')
const sourcesFile = join(dist, 'sources.json')

const hashOf = (file: string): string =>
  existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : 'missing'

/** The sources, when `imported` are those from outside this folder. */
const sourcesWith = (imported: readonly string[]): readonly string[] => {
  const own = globSync('adapters/web/**/*.*', { cwd: root, exclude: (path) => path.startsWith('adapters/web/dist') })
  return [...new Set(['package-lock.json', ...own, ...imported])].toSorted()
}

const describe = (sources: readonly string[]): string =>
  JSON.stringify(Object.fromEntries(sources.map((file) => [file, hashOf(join(root, file))])), null, 1)

const isBuilt = (): boolean => {
  if (!existsSync(sourcesFile)) return false
  const described = readFileSync(sourcesFile, 'utf8')
  const hashes: Readonly<Record<string, string>> = JSON.parse(described)
  return described === describe(sourcesWith(Object.keys(hashes)))
}

/** The project files, relative to its root, among Vite's module ids; those may carry a query or be made up by a plugin. */
const projectFiles = (moduleIds: Iterable<string>): readonly string[] =>
  [...moduleIds]
    .map((id) => relative(root, id.replace(/\?.*/, '')))
    .filter((file) => !file.startsWith('..') && !file.includes('node_modules') && existsSync(join(root, file)))

const build = async (): Promise<void> => {
  const vite = await import('vite')
  const begunAt = Date.now()
  let imported: readonly string[] = []
  await vite.build({
    root: import.meta.dirname,
    logLevel: 'warn',
    plugins: [
      {
        name: 'sources',
        generateBundle() {
          imported = projectFiles(this.getModuleIds())
        },
      },
    ],
  })
  const sources = sourcesWith(imported)
  // A source that changed during the build may be in it in its old form: then the next call builds again.
  const isSettled = sources.every((file) => statSync(join(root, file)).mtimeMs < begunAt)
  if (isSettled) writeFileSync(sourcesFile, describe(sources))
}

const buildLocked = async (): Promise<void> => {
  const caches = join(root, 'node_modules/.cache')
  mkdirSync(caches, { recursive: true })
  // SQLite's lock on an empty file ends with the process that holds it, however that ends.
  const lock = new Sqlite(join(caches, 'pages.lock'), { timeout: 120_000 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
    if (!isBuilt()) await build()
  } finally {
    lock.close()
  }
}

let building: Promise<void> | null = null

/**
 * Resolves once `dist` holds the pages of the present sources. Those that call it at the same time build once: within a
 * process by this promise, since waiting for the lock blocks the thread that the build needs.
 */
export const buildPages = async (): Promise<void> => {
  if (building === null && isBuilt()) return
  building ??= buildLocked().finally(() => (building = null))
  await building
}

if (process.argv[1] === import.meta.filename) await buildPages()
