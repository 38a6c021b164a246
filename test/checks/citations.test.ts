import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { documents, files, root, textOf } from '../support/repository-files.ts'

/** What a document or a comment cites must be there to be read. */
const citations = suite('citations')

const self = 'test/checks/citations.test.ts'
const sources = files.filter(
  (file) => /\.(ts|tsx|js|cjs|css|json|html)$/.test(file) && file !== self && file !== 'package-lock.json',
)

interface Line {
  readonly file: string
  readonly number: number
  readonly text: string
}

const linesOf = (file: string, content: string): readonly Line[] =>
  content.split('\n').map((text, index) => ({ file, number: index + 1, text }))

/** The comment in a line of source: a whole line of one, or what follows `//`. Empty where there is none. */
const commentIn = (text: string): string => /^\s*(\/?\*.*)/.exec(text)?.[1] ?? /(?:^|\s)(\/\/ .*)/.exec(text)?.[1] ?? ''

const comments = (file: string, content: string): readonly Line[] =>
  linesOf(file, content).flatMap((line) => {
    const text = commentIn(line.text)
    return text === '' ? [] : [{ ...line, text }]
  })

const at = ({ file, number }: Line): string => `${file}:${number}`

const path =
  /(?<![\w./@-])((?:\.\.?\/)*(?:docs|domain|projections|adapters|app|test|examples|\.ci)\/[\w./-]+|(?:README|CONTRIBUTING|CHANGELOG|SECURITY)\.md|LICENSE)(?![\w*{])/g

/** Paths that stand in text and exist neither from the root nor from the citing file's folder. */
const missingPaths = (lines: readonly Line[]): readonly string[] =>
  lines.flatMap((line) =>
    [...line.text.matchAll(path)]
      .map(([, cited = '']) => cited.replace(/[./]+$/, ''))
      // Arguments of `npm test` are parts of paths.
      .filter(() => !line.text.includes('npm test --'))
      .filter((cited) =>
        [join(root, cited), join(root, dirname(line.file), cited)].every(
          (place) => !['', '.ts', '.tsx', '.md', '.test.ts'].some((ending) => existsSync(place + ending)),
        ),
      )
      .map((cited) => `${at(line)} ${cited}`),
  )

citations('a path in a comment or a document exists', () => {
  const read = (file: string): string => readFileSync(join(root, file), 'utf8')
  assert.ok(sources.length > 300, `${sources.length} sources`)
  assert.equal(missingPaths(sources.flatMap((file) => comments(file, read(file)))), [])
  assert.equal(missingPaths(documents.flatMap((file) => linesOf(file, textOf(file)))), [])
})

citations('a path that does not exist is seen', () => {
  const seen = (file: string, content: string): number => missingPaths(comments(file, content)).length
  assert.is(seen('domain/ids.ts', '// see docs/nowhere.md\n'), 1)
  assert.is(seen('domain/ids.ts', ' * `domain/codec.ts` and `docs/adr/0099-nothing.md`, app/commands.\n'), 1)
  assert.is(seen('domain/ids.ts', "const place = 'docs/nowhere.md'\n"), 0)
  assert.is(seen('domain/ids.ts', 'const a = 1 // as domain/gone.ts\n'), 1)
})

/** The anchor that a heading gets: lower case, words joined by hyphens. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-')

const anchorsOf = (text: string): readonly string[] =>
  [...text.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading))

const deadLinks = (document: string, text: string): readonly string[] =>
  [...text.replaceAll(/^ *```[\s\S]*?^ *```/gm, '').matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
    if (/^https?:/.test(link)) return []
    const [target = '', anchor] = link.split('#')
    const cited = target === '' ? document : join(dirname(document), target)
    if (!existsSync(join(root, cited))) return [`${document}: ${link}`]
    const isThere = anchor === undefined || anchorsOf(cited === document ? text : textOf(cited)).includes(anchor)
    return isThere ? [] : [`${document}: ${link}`]
  })

citations('every link of a document leads to a file and a heading', () => {
  assert.ok(documents.length > 40, `${documents.length} documents`)
  assert.equal(
    documents.flatMap((document) => deadLinks(document, textOf(document))),
    [],
  )
  assert.is(deadLinks('README.md', '[a](docs/nowhere.md) [b](docs/api.md#nothing) [c](docs/api.md#limits)').length, 2)
})

citations('every document can be reached from README', () => {
  const reached = new Set(['README.md'])
  for (const document of reached) {
    for (const [, link = ''] of textOf(document).matchAll(/\]\(([^)\s#]+\.md)/g)) {
      if (!/^https?:/.test(link)) reached.add(join(dirname(document), link))
    }
  }
  assert.equal(
    documents.filter((document) => !reached.has(document) && !document.startsWith('docs/adr/')),
    [],
  )
})

/** Pages that were never part of this repository, in the forms in which they were cited. */
const elsewhere: readonly (readonly [pattern: RegExp, seen: string])[] = [
  [/\brulings?\b,? \d/i, 'ruling 23'],
  [/\b(?:contract|spec), (?:section|")/i, 'contract, section 6'],
  [/\barchitecture, decision/i, 'architecture, decision 9'],
  [/\b(?:reliability|performance|erasure|eventstoredb), (?:fact|"|\d)/i, 'reliability, fact 7'],
  [/(?<![\w/])domain\.md\b/, 'the table of domain.md'],
  [/\b(?:contract|rulings|architecture|reliability|performance|erasure|style)\.md\b/, 'see contract.md'],
  [/\bREADME, "/, 'README, "Reports", describes it'],
]

citations('no comment cites a page that is not in the repository', () => {
  for (const [pattern, seen] of elsewhere) assert.ok(pattern.test(seen), seen)
  const found = sources
    .flatMap((file) => comments(file, readFileSync(join(root, file), 'utf8')))
    .filter(({ text }) => elsewhere.some(([pattern]) => pattern.test(text)))
    .map((line) => `${at(line)} ${line.text}`)
  assert.equal(found, [])
})

citations.run()
