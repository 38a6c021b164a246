import { either, left, right, type Either } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Principal } from '../../../domain/actor.ts'
import { documented } from '../../../domain/codec.ts'
import { invalid } from '../../../domain/refusal.ts'
import { columnsOf, definitions, isReportName } from '../../../projections/reports/definitions.ts'
import { isDay } from '../../../projections/reports/queries.ts'
import { csvOf } from '../../reports/csv.ts'
import { named } from '../response-schemas.ts'
import { ledgerPosition } from '../headers.ts'
import { accountOf } from '../persons.ts'
import type { Refused } from '../problems.ts'
import { noQuery } from '../query.ts'
import { json, jsonReply, query } from '../route.ts'

const csv = 'text/csv'
/** The longest that a report waits for its own read model. */
const longestWaitMs = 2_000

const day: t.Type<string, string, unknown> = documented(
  { type: 'string', format: 'date' },
  new t.Type(
    'a day',
    t.string.is,
    (input, context) =>
      either.chain(t.string.validate(input, context), (text) =>
        isDay(text) ? t.success(text) : t.failure(input, context, 'must be a day such as 2024-05-01'),
      ),
    t.identity,
  ),
)

/** Reports count over all accounts. */
const mayRead = (caller: Principal): Either<Refused, void> =>
  accountOf(caller) === null
    ? right(undefined)
    : left({ tag: 'Forbidden', reason: 'this is for those who see all accounts' })

export const reportList = query({
  path: '/v1/reports',
  operationId: 'listReports',
  summary: 'The reports that there are',
  tag: 'reports',
  may: ['support', 'auditor', 'analyst', 'service'],
  query: noQuery,
  forms: [{ mediaType: json, codec: named.Reports }],
  handle: async (_ports, { caller }) => {
    const may = mayRead(caller)
    if (may._tag === 'Left') return may
    const items = Object.entries(definitions).map(([name, { title, columns }]) => ({
      name,
      title,
      columns: Object.keys(columns),
    }))
    return right(jsonReply({ items }))
  },
})

/** Ids and facts alone: no name, mail or text stands in any report. */
export const report = query({
  path: '/v1/reports/{name}',
  operationId: 'getReport',
  summary: 'Read a report, over all tickets or a part of them',
  tag: 'reports',
  may: ['support', 'auditor', 'analyst', 'service'],
  query: t.partial({ from: day, to: day, category: t.string }),
  forms: [
    { mediaType: json, codec: named.Report },
    { mediaType: csv, codec: null },
  ],
  problems: ['not-found'],
  handle: async ({ views }, { caller, param, mediaType, request }, filter) => {
    const may = mayRead(caller)
    if (may._tag === 'Left') return may
    const name = param('name')
    if (!isReportName(name)) return left({ tag: 'NotFound' })
    if (filter.from !== undefined && filter.to !== undefined && filter.to < filter.from) {
      return left(invalid('to', 'must not be before from'))
    }
    const position = ledgerPosition(request)
    if (position._tag === 'Left') return position
    if (position.right !== undefined && !(await views.waitForReports(position.right, longestWaitMs))) {
      return left({ tag: 'NotReady', reason: `the reports have not reached position ${position.right}` })
    }
    const rows = views.report(name, filter)
    if (rows._tag === 'Left') return rows
    const columns = columnsOf(name)
    if (mediaType === json) return right(jsonReply({ columns, rows: rows.right }))
    return right({ mediaType: `${csv}; charset=utf-8; header=present`, content: csvOf(columns, rows.right) })
  },
})
