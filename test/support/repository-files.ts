import { globSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')

/** Every Markdown document of the repository, as a path from its root. */
export const documents: readonly string[] = globSync(['*.md', 'docs/**/*.md'], { cwd: root }).toSorted()

export const textOf = (document: string): string => readFileSync(join(root, document), 'utf8')

const outside = new Set(['node_modules', '.git', 'data', 'coverage', 'dist'])

/** Every file of the working tree that is not generated, as a path from its root. */
export const files: readonly string[] = globSync('**/*', {
  cwd: root,
  withFileTypes: true,
  exclude: (entry) => outside.has(entry.name),
})
  .filter((entry) => entry.isFile())
  .map((entry) => relative(root, join(entry.parentPath, entry.name)))

export interface CommandBlock {
  readonly commands: string
  /** `run`: executed by the tests. `scripts`: npm scripts alone, whose names are checked. `marked`: the text says why not. */
  readonly how: 'run' | 'scripts' | 'marked'
}

const isNpmScript = (line: string): boolean =>
  /^([A-Z_]+='?\S+'? |npm ci && )*npm (ci|start|test|run [a-z:]+)\b/.test(line)

/** The fenced `sh` blocks of a document, in their order. */
export const commandBlocks = (text: string): readonly CommandBlock[] =>
  [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, commands = ''], n, { [n]: match }) => {
    const paragraph = text.slice(0, match?.index).trimEnd().split('\n\n').at(-1) ?? ''
    if (/Not run by the tests, because [^:]+:$/.test(paragraph)) return { commands, how: 'marked' }
    const lines = commands.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    return { commands, how: lines.every(isNpmScript) ? 'scripts' : 'run' }
  })
