import { basename } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { problemKinds } from '../../adapters/http/problems.ts'
import { settings } from '../../app/config.ts'
import { documents, textOf } from '../support/repository-files.ts'

const docs = suite('the documents')

const cellsOf = (row: string): readonly string[] =>
  row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())

docs('README has at most 150 lines', () => {
  assert.ok(textOf('README.md').split('\n').length <= 151)
})

docs('the first paragraph of each says what a reader can do with it', () => {
  const others = documents.filter((document) => document !== 'README.md' && !document.startsWith('docs/adr/'))
  assert.equal(
    others.filter((document) => !/^# [^\n]+\n\nWith this page /.test(textOf(document))),
    [],
  )
})

docs('decision records are numbered without a gap and have their parts', () => {
  const decisions = documents.filter((document) => document.startsWith('docs/adr/'))
  for (const [index, document] of decisions.entries()) {
    const number = String(index + 1).padStart(4, '0')
    assert.ok(basename(document).startsWith(`${number}-`), `${document} should have number ${number}`)
    assert.match(
      textOf(document),
      new RegExp(`^# ${number}\\. .+\\n\\nStatus: (accepted|superseded by \\d{4}), \\d{4}-\\d\\d-\\d\\d\\.\\n`),
    )
    const headings = [...textOf(document).matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)
    assert.equal(headings, ['Context', 'Decision', 'Consequences'], document)
  }
})

docs('docs/operations/configuration.md lists the variables of `serve --help`', () => {
  const listed = textOf('docs/operations/configuration.md')
    .split('\n')
    .filter((line) => /^\| `[A-Z_]+` /.test(line))
    .map((line) => cellsOf(line))
  const expected = Object.values(settings).map(({ variable, fallback, meaning }) => [
    `\`${variable}\``,
    fallback === '' ? 'unset' : `\`${fallback}\``,
    meaning,
  ])
  assert.equal(listed, expected, 'put the variables of app/config.ts into docs/operations/configuration.md')
})

docs('docs/api.md lists every problem with its status', () => {
  const listed = [...textOf('docs/api.md').matchAll(/^\| (\d{3}) +\| `([a-z-]+)`/gm)].map(
    ([, status = '', slug = '']) => `${status} ${slug}`,
  )
  const kinds = Object.entries(problemKinds).map(([slug, { status }]) => `${status} ${slug}`)
  assert.equal(listed.toSorted(), kinds.toSorted(), 'put the problems of adapters/http/problems.ts into docs/api.md')
})

docs.run()
