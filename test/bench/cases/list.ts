import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { isLeft } from 'fp-ts/lib/Either.js'
import { listPage, type TicketQuery } from '../../../adapters/http/routes/list.ts'
import type { AccountId } from '../../../domain/ids.ts'
import type { Reader } from '../../../projections/reading/reading.ts'
import { helpdesk } from '../../../projections/registry.ts'
import type { Benchmark } from '../benchmark.ts'
import { filledReadModels } from '../filled-read-models.ts'
import { accountOf, customerOf } from '../opened-tickets.ts'
import { p99, timed } from '../figures.ts'
import { size, texts } from '../texts.ts'

const accounts = 1_000
const rounds = 2_000
const pageRows = 50

/** All views but search, which has a case of its own. */
const models = { ...helpdesk, search: { ...helpdesk.search, on: () => ({}) } }

const p99Of = (work: (round: number) => void): Promise<number> =>
  Promise.resolve(p99(Array.from({ length: rounds }, (_, round) => timed(() => work(round)))))

const columns = `key, id, account, subject, author, assignee, status, archived, category, category_name, created, updated, version`

/** Accounts in another order than they were dealt. */
const accountIn = (round: number): AccountId => accountOf(round * 389, accounts)

export const benchmarks = async (): Promise<readonly Benchmark[]> => {
  const { folder, queries } = filledReadModels(models, texts(size), accounts)
  const db = new Sqlite(join(folder, 'read-models.db'), { readonly: true })

  const allOf = (account?: AccountId, categories: readonly string[] = []): TicketQuery => ({
    filter: { account, view: 'active', categories, statuses: [] },
    words: null,
    sort: '-updated',
    limit: pageRows,
    cursor: undefined,
  })
  /** Reads a page, with the unread marks of a reader; returns the next page's cursor. */
  const page = (query: TicketQuery, reader: Reader | null = null): string | null => {
    const answer = listPage(queries, query)
    if (isLeft(answer) || answer.right.rows.length === 0) throw new Error('the list answers nothing')
    const { rows, next } = answer.right
    if (reader !== null) {
      queries.reading.unreadAmong(
        reader,
        rows.map(({ id }) => id),
      )
    }
    return next
  }
  /** The cursor behind so many pages. */
  const behind = (pages: number, query: TicketQuery): string | null => {
    let cursor: string | null = null
    for (let n = 0; n < pages; n++) cursor = page({ ...query, cursor: cursor ?? undefined })
    return cursor
  }

  const ofAccount = db.prepare(
    `SELECT ${columns} FROM tickets INDEXED BY tickets_of_account_by_updated WHERE archived = 0 AND account = ? ORDER BY updated DESC, id DESC LIMIT 51`,
  )
  const filtered = db.prepare(
    `SELECT ${columns} FROM tickets INDEXED BY tickets_of_account_by_updated WHERE archived = 0 AND account = ? AND category IN (?) ORDER BY updated DESC, id DESC LIMIT 51`,
  )
  const ofAll = db.prepare(
    `SELECT ${columns} FROM tickets INDEXED BY tickets_by_updated WHERE archived = 0 AND (updated, id) < (?, ?) ORDER BY updated DESC, id DESC LIMIT 51`,
  )
  const unread = db.prepare(
    `SELECT l.ticket FROM json_each(?) j CROSS JOIN last_comments l ON l.ticket = j.value AND l.scope = ?
     CROSS JOIN readers r ON r.reader = ? LEFT JOIN reading_marks m ON m.ticket = l.ticket AND m.reader = r.reader
     WHERE l.position > r.position AND l.version > coalesce(m.version, 0)`,
  )
  const deepPages = Math.min(999, Math.floor(size / pageRows) - 2)
  const deep = behind(deepPages, allOf())
  const place = JSON.parse(Buffer.from(deep ?? '', 'base64url').toString('utf8')) as {
    readonly at: string
    readonly id: string
  }

  const base = { name: 'list', unit: 'ms (p99)', better: 'lower', peers: {} } as const
  const bar = {
    text: '≤ 2 × the bare statement',
    met: ({ ratios }: { readonly ratios: Readonly<Record<string, number>> }) => (ratios['raw'] ?? 9) <= 2,
  }
  const all = `${size.toLocaleString('en')} tickets of ${accounts.toLocaleString('en')} accounts`
  return [
    {
      ...base,
      what: `first page of an account, of ${all}`,
      ours: () => p99Of((round) => page(allOf(accountIn(round)))),
      raw: () => p99Of((round) => ofAccount.all(accountIn(round))),
      bar,
    },
    {
      ...base,
      what: 'the same with what is unread',
      ours: () =>
        p99Of((round) => {
          const { id, account } = customerOf(round * 389, accounts)
          page(allOf(account), { id, account })
        }),
      raw: () =>
        p99Of((round) => {
          const { id, account } = customerOf(round * 389, accounts)
          const rows = ofAccount.all(account) as { readonly id: string }[]
          unread.all(JSON.stringify(rows.map((row) => row.id)), account, id)
        }),
      bar: { ...bar, text: '≤ 2 × the bare two statements' },
    },
    {
      ...base,
      what: 'the same of one category',
      ours: () => p99Of((round) => page(allOf(accountIn(round), ['other']))),
      raw: () => p99Of((round) => filtered.all(accountIn(round), 'other')),
      bar,
    },
    {
      ...base,
      what: `page ${deepPages + 1} of all, for support`,
      ours: () => p99Of(() => page({ ...allOf(), cursor: deep ?? undefined })),
      raw: () => p99Of(() => ofAll.all(place.at, place.id)),
      peers: { 'first page': () => p99Of(() => page(allOf())) },
      bar: {
        text: '≤ 2 × the bare statement; as fast as the first page (≤ 1.3 ×)',
        met: ({ ratios }) => (ratios['raw'] ?? 9) <= 2 && (ratios['first page'] ?? 9) <= 1.3,
      },
    },
  ]
}
