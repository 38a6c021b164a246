import { batches, openedTickets, ticketOf, accountOf } from '../made-log.ts'
import type { Reader, TicketQuery } from '../../../adapters/http/views.ts'
import { helpdesk, reporting } from '../../../app/read-models/all.ts'
import { openReadModels } from '../../../app/read-models/read-models.ts'
import { createViews } from '../../../app/views.ts'
import { temporaryFolder } from '../../support/server.ts'
import type { Contest } from '../contest.ts'
import { searchPeers, type SearchPeer } from '../peers.ts'
import { queriesOf, type Query } from '../search-queries.ts'
import { texts } from '../texts.ts'

const sue: Reader = { id: 'sue', role: 'support' }
const log = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** The helpdesk's own views over so many tickets. */
const filled = (messages: readonly string[], accounts: number) => {
  const folder = temporaryFolder()
  const options = { folder: folder.path, log, now: Date.now }
  const models = openReadModels(helpdesk, options)
  const reports = openReadModels(reporting, { ...options, set: 'reports' })
  for (const batch of batches(openedTickets(messages, accounts))) models.apply(batch)
  process.once('exit', folder.remove)
  return { models, views: createViews({ ...models, ready: () => true }, reports, []) }
}
type Filled = ReturnType<typeof filled>

const p99 = (milliseconds: readonly number[]): number =>
  milliseconds.toSorted((a, b) => a - b)[Math.floor(milliseconds.length * 0.99)] ?? Number.NaN

const timed = (work: () => void): number => {
  const started = performance.now()
  work()
  return performance.now() - started
}

const asked = (q: string, account: string | null, categories: readonly string[] = []): TicketQuery => ({
  account,
  reader: sue,
  view: 'active',
  q,
  categories,
  statuses: [],
  sort: 'relevance',
  limit: 50,
  cursor: null,
})

const found = ({ views }: Filled, query: TicketQuery): readonly string[] => {
  const answer = views.tickets(query)
  if (answer._tag === 'Left') throw new Error(answer.left.tag)
  return answer.right.items.map(({ id }) => id)
}

/** Exact, by prefix, with a typo, and with a typo behind a filter. */
const mixed = (messages: readonly string[]): readonly (Query & { readonly categories: readonly string[] })[] => [
  ...queriesOf(messages, 'exact', 100, 2).map((query) => ({ ...query, categories: [] })),
  ...queriesOf(messages, 'prefix', 100, 2).map((query) => ({ ...query, categories: [] })),
  ...queriesOf(messages, 'typo', 100, 2).map((query) => ({ ...query, categories: [] })),
  ...queriesOf(messages, 'typo', 100, 1).map((query) => ({ ...query, categories: ['billing'] })),
]

const slowest = (of: Filled, account: string | null, messages: readonly string[]) => {
  const queries = mixed(messages)
  return () =>
    Promise.resolve(p99(queries.map(({ q, categories }) => timed(() => found(of, asked(q, account, categories))))))
}

const peer = (search: SearchPeer, queries: readonly Query[]) => () =>
  Promise.resolve(p99(queries.map(({ q }) => timed(() => search(q)))))

const small = 1_000
const large = 50_000
const accounts = 500

export const contests = async (): Promise<readonly Contest[]> => {
  const messages = texts(large)
  const { miniSearch, flexSearch, fts5 } = await searchPeers()
  const ours = filled(messages, 1)
  const inSmall = filled(messages.slice(0, small), 1)
  const everywhere = filled(texts(500_000), accounts)
  const one = accountOf(0, 1)
  const typos = queriesOf(messages, 'typo', 400, 4, 11)
  const p99Below = (limit: number) => ({
    text: `p99 < ${limit} ms`,
    met: ({ ours: figure }: { readonly ours: number }) => figure < limit,
  })
  const base = { name: 'search', unit: 'ms (p99)', better: 'lower', raw: null, peers: {} } as const
  const common = {
    MiniSearch: peer(miniSearch(messages), mixed(messages)),
    flexsearch: peer(flexSearch(messages), mixed(messages)),
    FTS5: peer(fts5(messages), mixed(messages)),
  }
  return [
    {
      ...base,
      what: 'an account of 1,000 real tickets',
      ours: slowest(inSmall, one, messages.slice(0, small)),
      bar: p99Below(5),
    },
    {
      ...base,
      what: 'an account of 50,000 real tickets; the peers search whole messages',
      ours: slowest(ours, one, messages),
      peers: common,
      bar: {
        text: 'p99 < 20 ms; ≥ 5 × as fast as MiniSearch',
        met: ({ ours: figure, ratios }) => figure < 20 && (ratios['MiniSearch'] ?? 1) <= 0.2,
      },
    },
    {
      ...base,
      what: 'support over 500,000 tickets of 500 accounts',
      ours: slowest(everywhere, null, messages),
      bar: p99Below(20),
    },
    {
      ...base,
      what: 'the true ticket among the first 10 for four words with a typo, of 50,000',
      unit: 'recall',
      better: 'higher',
      ours: () => {
        const hits = typos.filter(({ q, from }) => found(ours, asked(q, one)).slice(0, 10).includes(ticketOf(from)))
        return Promise.resolve(hits.length / typos.length)
      },
      bar: { text: '≥ 0.95', met: ({ ours: figure }) => figure >= 0.95 },
    },
  ]
}
