import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import * as t from 'io-ts'
import { documented } from '../../../domain/codec.ts'
import { invalid } from '../../../domain/refusal.ts'
import {
  columnsOf,
  definitions,
  endsBeforeStart,
  isDay,
  isReportName,
  type ReportFilter,
  type ReportName,
  type ReportRow,
} from '../../../projections/reports/reports.ts'
import { component } from '../../api/component.ts'
import { csvOf } from '../../reports/csv.ts'
import { requireAllAccounts } from '../caller.ts'
import type { Refused } from '../problems.ts'
import { rawReaderQuery } from '../reader-query.ts'
import { noQuery } from '../request-parameters.ts'
import { json, jsonReply, query, requireQueries, type Route } from '../route.ts'
import type { JsonReply, Reply } from '../replies.ts'

const csv = 'text/csv'

const day: t.Type<string, string, unknown> = documented(
  { type: 'string', format: 'date' },
  new t.Type(
    'a day',
    t.string.is,
    (input, context) =>
      E.either.chain(t.string.validate(input, context), (text) =>
        isDay(text) ? t.success(text) : t.failure(input, context, 'must be a day such as 2024-05-01'),
      ),
    t.identity,
  ),
)

/** A row's members are the report's columns, in their order. */
const Row: t.Type<ReportRow, ReportRow, unknown> = documented(
  { type: 'object', additionalProperties: { type: ['string', 'number', 'null'] } },
  t.record(t.string, t.union([t.string, t.number, t.null])),
)
const ReportsResponse = component(
  'Reports',
  t.strict({ items: t.array(t.strict({ name: t.string, title: t.string, columns: t.array(t.string) })) }),
)
const ReportResponse = component('Report', t.strict({ columns: t.readonlyArray(t.string), rows: t.readonlyArray(Row) }))

const listed = Object.entries(definitions).map(([name, { title, columns }]) => ({
  name,
  title,
  columns: Object.keys(columns),
}))

const reportList = query({
  path: '/v1/reports',
  operationId: 'listReports',
  summary: 'The reports that there are',
  tag: 'reports',
  may: ['support', 'auditor', 'analyst', 'service'],
  query: noQuery,
  response: ReportsResponse,
  handle: (_ports, { caller }) =>
    pipe(
      requireAllAccounts(caller),
      E.map(() => jsonReply({ items: listed })),
      TE.fromEither,
    ),
})

const requireOrder = (filter: ReportFilter): E.Either<Refused, unknown> =>
  endsBeforeStart(filter) ? E.left(invalid('to', 'must not be before from')) : E.right(undefined)

const replyOf = (
  name: ReportName,
  rows: readonly ReportRow[],
  mediaType: string,
): Reply | JsonReply<t.TypeOf<typeof ReportResponse>> => {
  const columns = columnsOf(name)
  return mediaType === json
    ? jsonReply({ columns, rows })
    : { mediaType: `${csv}; charset=utf-8; header=present`, content: csvOf(columns, rows) }
}

/** Ids and facts alone: no report has a name, an e-mail address or a text. */
export const report = rawReaderQuery({
  path: '/v1/reports/{name}',
  operationId: 'getReport',
  summary: 'Read a report, over all tickets or a part of them',
  tag: 'reports',
  may: ['support', 'auditor', 'analyst', 'service'],
  query: t.partial({ from: day, to: day, category: t.string }),
  representations: [
    { mediaType: json, codec: ReportResponse },
    { mediaType: csv, codec: null },
  ],
  problems: ['not-found'],
  models: 'reports',
  answer: ({ reports }, { caller, params, mediaType }, filter) =>
    pipe(
      requireAllAccounts(caller),
      E.map(() => params['name'] ?? ''),
      E.filterOrElse(isReportName, (): Refused => ({ tag: 'NotFound' })),
      E.tap(() => requireOrder(filter)),
      E.bindTo('name'),
      E.bindW('queries', () => requireQueries(reports, 'reports')),
      E.map(({ name, queries }) => replyOf(name, queries.reports.rows(name, filter), mediaType)),
    ),
})

export const reportRoutes: readonly Route[] = [reportList, report]
