import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TicketItem, TicketResponse } from '../../../adapters/api/response-schemas.ts'
import { routes } from '../../../adapters/http/routes/table.ts'
import { ticketCommands } from '../../../domain/ticket/commands/registry.ts'
import { definitions } from '../../../projections/reports/reports.ts'
import { root } from '../../support/repository-files.ts'
import { words } from '../../../adapters/web/src/words.ts'

/** The pages are not told by the compiler that the API has something new: these tests name what no page uses. */
const pages = suite('what the pages use of the API')

const sources = globSync('adapters/web/src/**/*.{ts,tsx}', { cwd: root }).map((file) =>
  readFileSync(join(root, file), 'utf8'),
)
const isInPages = (pattern: RegExp): boolean => sources.some((source) => pattern.test(source))

const fieldsOf = (codec: { readonly type: { readonly props: object } }): readonly string[] =>
  Object.keys(codec.type.props)

/** The status says it, and the history when. */
const unshown: readonly string[] = ['closedAt']

pages('a page shows each field of a ticket, and of its row in the list', () => {
  const fields = new Set([...fieldsOf(TicketResponse), ...fieldsOf(TicketItem)])
  assert.ok(fields.size > 10)
  const unused = [...fields].filter((field) => !isInPages(new RegExp(`\\b(ticket|item|shown|value)\\.${field}\\b`)))
  assert.equal(
    unused,
    unshown,
    'show them in adapters/web/src (a row, the page, the panel of additional information), or name them in "unshown"',
  )
})

pages('a page sends each command', () => {
  const unsent = routes
    .filter(({ operationId }) => Object.keys(ticketCommands).some((type) => operationId === `${type}Ticket`))
    .filter(({ path }) => !isInPages(new RegExp(`['/\`]${path.split('/').at(-1)}['\`]`)))
    .map(({ operationId }) => operationId)
  assert.equal(unsent, [], 'offer them in adapters/web/src')
})

pages('each column of a report has its title', () => {
  const columns = new Set(Object.values(definitions).flatMap((report) => Object.keys(report.columns)))
  assert.equal(
    [...columns].filter((column) => !Object.hasOwn(words.columns, column)),
    [],
    'add them to "columns" in adapters/web/src/words.ts',
  )
})

pages.run()
