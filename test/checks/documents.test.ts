import { basename } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { problemKinds } from '../../adapters/http/problems.ts'
import { routes } from '../../adapters/http/routes/table.ts'
import { settings } from '../../app/config.ts'
import { isCommandType, ticketCommands } from '../../domain/ticket/commands/registry.ts'
import { documents, files, textOf } from '../support/repository-files.ts'

const docs = suite('the documents')

const cellsOf = (row: string): readonly string[] =>
  row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())

/** A chapter's text, from its heading to the next one of the same level. */
const chapterOf = (document: string, heading: string): string =>
  textOf(document)
    .split(/^## /m)
    .find((chapter) => chapter.startsWith(`${heading}\n`)) ?? ''

/** The tables of a chapter: the cells of each row, the heading's first. */
const tablesOf = (chapter: string): readonly (readonly (readonly string[])[])[] =>
  [...chapter.matchAll(/(?:^\|.*\n)+/gm)].map(([table]) =>
    table
      .trimEnd()
      .split('\n')
      .filter((row) => !row.startsWith('| --'))
      .map((row) => cellsOf(row)),
  )

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

/** The operations that the rows of a table name: `POST /v1/files`, or a path alone under the method of the heading. */
const operationsIn = ([heading = [], ...rows]: readonly (readonly string[])[]): readonly string[] => {
  const [, method = ''] = /^`([A-Z]+)`$/.exec(heading[0] ?? '') ?? []
  return rows.flatMap(([cell = '']) =>
    [...cell.matchAll(/`([^`?]+)[^`]*`/g)].map(([, named = '']) => (method === '' ? named : `${method} ${named}`)),
  )
}

docs('docs/api.md has each route in the tables of "Commands" and "Queries"', () => {
  const listed = ['Commands', 'Queries']
    .flatMap((heading) => tablesOf(chapterOf('docs/api.md', heading)))
    .filter(([heading]) => /`GET`|`POST`|^request$/.test(heading?.[0] ?? ''))
    .flatMap((table) => operationsIn(table))
  const expected = routes
    .filter(({ unlisted }) => !unlisted)
    .map(({ method, path }) => `${method.toUpperCase()} ${path}`)
  assert.equal(listed.toSorted(), expected.toSorted(), 'give each route of adapters/http/routes/table.ts its row')
})

docs('docs/domain.md has the rows of each command, for the roles that may issue it', () => {
  const [, ...rows] = tablesOf(chapterOf('docs/domain.md', 'Commands'))[0] ?? []
  const listed = rows.flatMap(([command = '', by = '']) => {
    const [type = ''] = command.split(' ')
    assert.ok(isCommandType(type), `docs/domain.md has a row for "${command}", which is no command`)
    return (by === 'both' ? ['customer', 'support'] : [by]).map((role) => `${type} by ${role}`)
  })
  const expected = Object.values(ticketCommands).flatMap(({ type, by }) => by.map((role) => `${type} by ${role}`))
  assert.equal([...new Set(listed)].toSorted(), expected.toSorted(), 'give each command of the registry its rows')
})

docs('the documents say how many failed sign-ins a minute the server takes', () => {
  const [, limit] = /perAddress: (\d+)/.exec(textOf('app/server.ts')) ?? []
  assert.match(textOf('docs/api.md'), `; ${limit} sign-ins and failed ones a minute for one address`)
  const [, said] =
    /Sign-ins and failed ones are counted by client\s+address,\s+(\d+) a minute/.exec(
      textOf('docs/operations/configuration.md'),
    ) ?? []
  assert.is(said, limit)
})

docs('the names that documents give to the test runner are those of test files', () => {
  const tests = files.filter((file) => /^test\/.*\.test\.ts$/.test(file))
  const given = documents.flatMap((document) =>
    [...textOf(document).matchAll(/\bnpm (?:test|run test:watch) -- ([^#\n]+)/g)].flatMap(([, names = '']) =>
      names
        .trim()
        .split(' ')
        .map((name) => ({ document, name })),
    ),
  )
  assert.ok(given.length > 0)
  assert.equal(
    given.filter(({ name }) => !tests.some((file) => file.includes(name))),
    [],
  )
})

docs.run()
