import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { root } from '../support/repository-files.ts'

/**
 * One word has one meaning: no two files export the same name. The pages (`adapters/web`) are a program of their own.
 */
const names = suite('exported names')

/** Names that several files may export, with the reason: the same thing behind a port, or things that never meet. */
const allowed: Readonly<Record<string, string>> = {
  appender: 'each event store appends with its own, behind one port',
  reader: 'each event store reads with its own, behind one port',
  subscribe: 'each event store subscribes with its own, behind one port',
  ticketCommands: 'the registry, and the routes derived from it',
  Kind: 'of a notification, and of a file',
  Message: 'of a ticket, and of a mail',
  Reader: 'of tickets, and of streams of the cluster',
  Sender: 'the address of a mail, and the job that sends',
  streamNames: 'in a compound file, and on a cluster',
  text: 'the codec of a field, and the type of a column',
}

const declaration =
  /^export (?:declare )?(?:async )?(?:abstract )?(?:const|let|function\*?|class|interface|type|enum) (\w+)/gm

/** Each exported name with the files that export it. A codec and its type are one name. */
const exported = (sources: ReadonlyMap<string, string>): ReadonlyMap<string, ReadonlySet<string>> => {
  const found = new Map<string, Set<string>>()
  for (const [file, source] of sources) {
    for (const [, name = ''] of source.matchAll(declaration)) found.set(name, (found.get(name) ?? new Set()).add(file))
  }
  return found
}

const repeated = (sources: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map(
    [...exported(sources)].filter(([, files]) => files.size > 1).map(([name, files]) => [name, [...files].join(', ')]),
  )

const sources = new Map(
  globSync('{domain,projections,adapters,app}/**/*.ts', {
    cwd: root,
    exclude: (path) => path.endsWith('node_modules') || path === join('adapters', 'web'),
  }).map((file) => [file, readFileSync(join(root, file), 'utf8')]),
)

names('no two files export the same name', () => {
  assert.ok(sources.size > 100, `${sources.size} files were read`)
  const unknown = [...repeated(sources)].filter(([name]) => !Object.hasOwn(allowed, name))
  assert.equal(
    unknown.map(([name, files]) => `${name}: ${files}`),
    [],
    'rename one, or export it from one of the files',
  )
})

names('every allowed name is still exported twice', () => {
  const found = repeated(sources)
  assert.equal(
    Object.keys(allowed).filter((name) => !found.has(name)),
    [],
    'remove them from the list',
  )
})

names('a name in two files is found, and a codec with its type is not', () => {
  const two = new Map([
    ['a.ts', 'export const Id = t.string\nexport type Id = t.TypeOf<typeof Id>\n'],
    ['b.ts', 'export interface Id {}\nexport async function* other() {}\n'],
  ])
  assert.equal([...repeated(two)], [['Id', 'a.ts, b.ts']])
  assert.ok(exported(two).has('other'))
})

names.run()
