/**
 * Checks the layers (`.dependency-cruiser.cjs`, `docs/adr/0002-four-layers.md`). dependency-cruiser succeeds with zero
 * modules when it finds no compiler that it can use, so this compares the modules that it read with the files on the
 * disk. `node test/checks/layers.ts`
 */
import { execFile } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import * as t from 'io-ts'

const repository = resolve(import.meta.dirname, '../..')
const layers = ['domain', 'projections', 'adapters', 'app', 'test']

const Report = t.type({
  modules: t.array(t.type({ source: t.string, dependencies: t.array(t.unknown) })),
  summary: t.type({
    violations: t.array(t.type({ from: t.string, to: t.string, rule: t.type({ name: t.string }) })),
  }),
})

export interface Layers {
  /** The number of files on the disk that were read. */
  readonly modules: number
  /** `rule: from -> to`, and files that were not read. */
  readonly problems: readonly string[]
}

/** Checks the tree below `root`, which must hold a `tsconfig.json`. */
export const checkLayers = async (root: string): Promise<Layers> => {
  const folders = layers.filter((layer) => existsSync(join(root, layer)))
  const files = folders.flatMap((folder) =>
    globSync(`${folder}/**/*.{ts,tsx,js}`, { cwd: root, exclude: (path) => /(node_modules|dist)$/.test(path) }),
  )
  if (files.length === 0) return { modules: 0, problems: ['no file was found'] }
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      join(repository, 'node_modules/.bin/depcruise'),
      '--config',
      join(repository, '.dependency-cruiser.cjs'),
      '--output-type',
      'json',
      ...folders,
    ],
    { cwd: root, maxBuffer: 256 * 1024 * 1024 },
  )
  const report = Report.decode(JSON.parse(stdout))
  if (report._tag === 'Left') throw new Error('the output of dependency-cruiser has another form')
  const { modules, summary } = report.right
  const read = new Set(modules.map(({ source }) => source))
  const missed = files.filter((file) => !read.has(file))
  return {
    modules: files.length - missed.length,
    problems: [
      ...missed.map((file) => `not read: ${file}`),
      ...summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`),
    ],
  }
}

if (process.argv[1] === import.meta.filename) {
  const { modules, problems } = await checkLayers(repository)
  for (const problem of problems) console.log(problem)
  console.log(`${modules} modules read, ${problems.length} problems`)
  process.exit(problems.length > 0 ? 1 : 0)
}
