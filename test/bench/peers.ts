/**
 * Loads the code that uses the peers, `test/bench/peers/*.mjs`, by a name made at run time: types, lint and layers of the
 * project then do not depend on packages that only this folder installs.
 */
const load = async (name: string): Promise<unknown> => import(new URL(`peers/${name}.mjs`, import.meta.url).href)

export interface EmmettStore {
  readonly append: (stream: string, type: string, data: object) => Promise<unknown>
  readonly appendAll: (
    stream: string,
    events: readonly { readonly type: string; readonly data: object }[],
  ) => Promise<unknown>
  readonly fold: (stream: string, initial: number, evolve: (state: number, event: unknown) => number) => Promise<number>
}

/** Opens emmett's event store on a SQLite file. */
interface Emmett {
  readonly open: (file: string) => EmmettStore
  /** Appends so many events with an inline projection; resolves to events per second. */
  readonly project: (file: string, events: number) => Promise<number>
}
export const emmett = async (): Promise<Emmett> => (await load('emmett')) as Emmett

interface Shot {
  readonly perSecond: number
  /** Milliseconds. */
  readonly p99: number
  readonly failed: number
}

/** Sends requests over so many connections for so many seconds. */
export const autocannon = async (): Promise<{
  readonly fire: (options: {
    readonly url: string
    /** Requested one after another, by each connection. */
    readonly paths: readonly string[]
    readonly connections: number
    readonly duration: number
    readonly method: 'GET' | 'POST'
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string
  }) => Promise<Shot>
}> => (await load('autocannon')) as Awaited<ReturnType<typeof autocannon>>

/** Returns the indexes of the messages that a query finds. */
export type SearchPeer = (query: string) => readonly number[]
type MakePeer = (messages: readonly string[]) => SearchPeer

export const searchPeers = async (): Promise<{
  readonly miniSearch: MakePeer
  readonly flexSearch: MakePeer
  readonly fts5: MakePeer
}> => (await load('search')) as Awaited<ReturnType<typeof searchPeers>>
