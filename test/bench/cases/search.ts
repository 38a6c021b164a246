import { statSync } from 'node:fs'
import { join } from 'node:path'
import { isLeft } from 'fp-ts/lib/Either.js'
import { accountOf, ticketOf } from '../opened-tickets.ts'
import { searchPage, type TicketQuery } from '../../../adapters/http/routes/list.ts'
import type { AccountId, TicketId } from '../../../domain/ids.ts'
import { helpdesk } from '../../../projections/registry.ts'
import type { Benchmark } from '../benchmark.ts'
import { filledReadModels, type FilledReadModels } from '../filled-read-models.ts'
import { median, p99, timed } from '../figures.ts'
import { searchPeers, type SearchPeer } from '../peers.ts'
import { queriesFrom, type Query } from '../search-queries.ts'
import { texts } from '../texts.ts'

const found = (
  { queries }: FilledReadModels,
  words: string,
  account: AccountId | undefined,
  categories: readonly string[] = [],
): readonly TicketId[] => {
  const query: TicketQuery = {
    filter: { account, view: 'active', categories, statuses: [] },
    words,
    sort: 'relevance',
    limit: 50,
    cursor: undefined,
  }
  const answer = searchPage(queries, query, words)
  if (isLeft(answer)) throw new Error(answer.left.tag)
  return answer.right.rows.map(({ id }) => id)
}

type Filtered = Query & { readonly categories: readonly string[] }

/** Exact, by prefix, with a typo, with a typo behind a filter, and nothing but common words. */
const mixed = (messages: readonly string[]): readonly Filtered[] => {
  const queries = queriesFrom(messages)
  const unfiltered = [
    ...queries('exact', 'any', 100),
    ...queries('prefix', 'any', 100),
    ...queries('typo', 'any', 100),
    ...queries('exact', 'common', 100),
  ].map((query) => ({ ...query, categories: [] }))
  return [...unfiltered, ...queries('typo', 'any', 100, 8).map((query) => ({ ...query, categories: ['billing'] }))]
}

const slowest = (of: FilledReadModels, account: AccountId | undefined, queries: readonly Filtered[]) => () =>
  Promise.resolve(p99(queries.map(({ q, categories }) => timed(() => found(of, q, account, categories)))))

/** How many of the queries find their text in the first 10; texts that are equal count as one. */
const recall =
  (of: FilledReadModels, account: AccountId, messages: readonly string[], queries: readonly Query[]) => () => {
    const textOf = new Map(messages.map((text, n) => [ticketOf(n), text]))
    const hits = queries.filter(({ q, from }) => {
      const different = new Set(found(of, q, account).map((id) => textOf.get(id)))
      return [...different].slice(0, 10).includes(messages[from])
    })
    return Promise.resolve(hits.length / queries.length)
  }

const peer = (search: SearchPeer, queries: readonly Query[]) => () =>
  Promise.resolve(p99(queries.map(({ q }) => timed(() => search(q)))))

const small = 1_000
const large = 50_000
const accounts = 500

export const benchmarks = async (): Promise<readonly Benchmark[]> => {
  const messages = texts(large)
  const { miniSearch, flexSearch, fts5 } = await searchPeers()
  const ours = filledReadModels(helpdesk, messages, 1)
  const inSmall = filledReadModels(helpdesk, messages.slice(0, small), 1)
  const everywhere = filledReadModels(helpdesk, texts(500_000), accounts)
  const one = accountOf(0, 1)
  const queries = queriesFrom(messages)
  const mix = mixed(messages)
  const p99Below = (limit: number) => ({
    text: `p99 < ${limit} ms`,
    met: ({ ours: figure }: { readonly ours: number }) => figure < limit,
  })
  const base = { name: 'search', unit: 'ms (p99)', better: 'lower', raw: null, peers: {} } as const
  const recalled = { unit: 'recall', better: 'higher' } as const
  const common = {
    MiniSearch: peer(miniSearch(messages), mix),
    flexsearch: peer(flexSearch(messages), mix),
    FTS5: peer(fts5(messages), mix),
  }
  const fileOf = join(ours.folder, 'read-models.db')
  return [
    {
      ...base,
      what: 'an account of 1,000 real tickets',
      ours: slowest(inSmall, one, mixed(messages.slice(0, small))),
      bar: p99Below(5),
    },
    {
      ...base,
      what: 'an account of 50,000 real tickets; the peers search whole messages',
      ours: slowest(ours, one, mix),
      peers: common,
      bar: {
        text: 'p99 < 20 ms; ≥ 5 × as fast as MiniSearch',
        met: ({ ours: figure, ratios }) => figure < 20 && (ratios['MiniSearch'] ?? 1) <= 0.2,
      },
    },
    {
      ...base,
      what: 'support over 500,000 tickets of 500 accounts',
      ours: slowest(everywhere, undefined, mix),
      bar: p99Below(20),
    },
    {
      ...base,
      what: 'one more comment on one of 50,000 tickets, in all views, with a transaction of its own',
      unit: 'ms (median)',
      ours: () => Promise.resolve(median(Array.from({ length: 200 }, () => timed(ours.comment)))),
      bar: { text: '< 2 ms', met: ({ ours: figure }) => figure < 2 },
    },
    {
      ...base,
      what: 'all views of 50,000 tickets on the disk, for each ticket; in memory there is a cache of 32 MB at most',
      unit: 'KB',
      ours: () => Promise.resolve(statSync(fileOf).size / 1_024 / large),
      bar: null,
    },
    {
      ...base,
      ...recalled,
      what: 'the true ticket in the first 10 of 50,000, by three words that at most 1% of tickets hold, one with a slip',
      ours: recall(ours, one, messages, queries('typo', 'uncommon', 1_000, 11)),
      bar: { text: '≥ 0.95', met: ({ ours: figure }) => figure >= 0.95 },
    },
    {
      ...base,
      ...recalled,
      what: 'the same by three words that more than 1% of tickets hold: often hundreds hold all three',
      ours: recall(ours, one, messages, queries('typo', 'common', 1_000, 11)),
      bar: null,
    },
    {
      ...base,
      ...recalled,
      what: 'the same by any three words',
      ours: recall(ours, one, messages, queries('typo', 'any', 1_000, 11)),
      bar: null,
    },
  ]
}
