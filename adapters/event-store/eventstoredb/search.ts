import type { StoredEvent } from '../../../domain/event-log/event-store.ts'
import { comparePositions, start, type Position } from '../../../domain/event-log/envelope.ts'
import { errorType } from './failures.ts'
import type { StreamNames } from './names.ts'
import { eventOf, placeOf, type LogPage, type LogRecord, type Place } from './read-all.ts'
import type { Searched, SearchedFile } from './searched-file.ts'

/** Reads of `$all`: `read` within the deadline of a call, `scan` for as long as the server lives. */
export interface AllReads {
  readonly read: (page: LogPage) => Promise<readonly LogRecord[]>
  /** Ends at the record at `until`, where it meets that one. */
  readonly scan: (page: LogPage, until?: Position | null) => Promise<readonly LogRecord[]>
}

/** How often what is known is saved, in ms. */
const saveEveryMs = 60_000

const isAfter = (a: Position, b: Position): boolean => comparePositions(a, b) > 0

/**
 * Finds the log's events in `$all`, which may hold any number of others. The server answers nothing while it passes over
 * them, 700,000 a second and less, so that what was searched once is remembered: see `Searched` and
 * docs/adr/0034-appends-and-searches-on-a-cluster.md.
 */
export const logSearch = (reads: AllReads, names: StreamNames, file: SearchedFile) => {
  const { prefixes } = names
  let known: Searched | null = null
  let [isLoaded, savedAt] = [false, -saveEveryMs]

  const { read } = reads
  /** Forgets what is known where the cluster does not hold it any more; then the next call searches again. */
  const scan: AllReads['scan'] = async (page, until) => {
    try {
      return await reads.scan(page, until)
    } catch (error) {
      if (errorType(error) === 'unknown-position') known = null
      throw error
    }
  }

  const know = (searched: Searched): void => {
    known = searched
    if (performance.now() - savedAt < saveEveryMs) return
    savedAt = performance.now()
    file.save(prefixes, searched)
  }

  const isHeld = async (record: Searched['upTo']): Promise<boolean> => {
    try {
      const [found] = await read({ from: record, limit: 1, prefixes: [] })
      return found?.id === record.id
    } catch (error) {
      if (errorType(error) === 'unknown-position') return false
      throw error
    }
  }

  /** What is known, where this cluster still holds the record that it was read up to. */
  const load = async (): Promise<Searched | null> => {
    if (isLoaded) return known
    const kept = file.load(prefixes)
    if (kept !== null && (await isHeld(kept.upTo))) known = kept
    isLoaded = true
    return known
  }

  /** The last record of all, and what is known of the log; the latter is forgotten where the cluster ends before it. */
  const current = async (): Promise<{ readonly end: LogRecord | undefined; readonly searched: Searched | null }> => {
    // In this order: what another call finds out meanwhile may lie behind this end.
    const searched = await load()
    const [end] = await read({ from: null, limit: 1, prefixes: [] })
    if (searched !== null && end !== undefined && !isAfter(searched.upTo.commit, end.place.commit)) {
      return { end, searched }
    }
    if (known === searched) known = null
    return { end, searched: null }
  }

  /** The log's first event behind a record: looks at what was written since. */
  const nextAfter = async (upTo: Searched['upTo']): Promise<LogRecord | undefined> => {
    const records = await scan({ from: upTo, limit: 2, prefixes })
    return records.find(({ place }) => isAfter(place.commit, upTo.commit))
  }

  /** The position of the log's last event; `start` for an empty log. */
  const head = async (): Promise<Position> => {
    const { end, searched } = await current()
    if (end === undefined) return start
    const upTo = { ...end.place, id: end.id }
    const next = searched === null || searched.upTo.commit === upTo.commit ? undefined : await nextAfter(searched.upTo)
    if (searched !== null && next === undefined) {
      know({ ...searched, upTo })
      return searched.last ?? start
    }
    const [last] = await scan({ from: null, limit: 1, prefixes })
    if (last === undefined) {
      know({ first: null, last: null, upTo })
      return start
    }
    const first = searched?.last === null ? (next?.place.commit ?? null) : (searched?.first ?? null)
    const isBeyond = isAfter(last.place.commit, upTo.commit)
    know({ first, last: last.place.commit, upTo: isBeyond ? { ...last.place, id: last.id } : upTo })
    return last.place.commit
  }

  /** The place to read on from for the events after `after`, past what holds none of them. */
  const shortcut = (searched: Searched | null, after: Position): Place => {
    if (searched === null) return placeOf(after)
    if (after === (searched.last ?? start)) return searched.upTo
    return after === start && searched.first !== null ? placeOf(searched.first) : placeOf(after)
  }

  /** Up to `limit` events after `after`. */
  const page = async (after: Position, limit: number): Promise<readonly StoredEvent[]> => {
    const searched = await load()
    const until = searched?.last ?? null
    const events: StoredEvent[] = []
    let at = after
    for (;;) {
      const from = shortcut(searched, at)
      // The record at `from` counts where it is one of the log's: a needless one more may lie behind millions of others.
      const isIncluded = at === start && from !== searched?.upTo
      const most = limit - events.length + (isIncluded ? 0 : 1)
      const records = await scan({ from, limit: most, prefixes }, until)
      const found = records.filter(({ place }) => isAfter(place.commit, at)).slice(0, limit - events.length)
      events.push(...found.map((record) => eventOf(names, record)))
      at = events.at(-1)?.position ?? at
      // Behind the last event that is known, the search goes on from where it ended.
      if (events.length === limit || found.length === 0 || at !== until) break
    }
    const [first] = events
    if (after === start && first !== undefined && known !== null && known.first !== first.position) {
      know({ ...known, first: first.position })
    }
    return events
  }

  return {
    head,
    page,
    /** For a subscription after this position, which is a record's own. */
    resume: async (after: Position): Promise<Place> => {
      const searched = await load()
      return searched !== null && after === (searched.last ?? start) ? searched.upTo : placeOf(after)
    },
    save: (): void => {
      if (known !== null) file.save(prefixes, known)
    },
  }
}
