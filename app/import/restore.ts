import type { EventStore, SealedEvent } from '../../domain/event-log/event-store.ts'
import { start } from '../../domain/event-log/envelope.ts'
import { ExportedEvent } from '../../domain/event-log/export-json.ts'
import { isIntact, type Sha256 } from '../../domain/event-log/hash.ts'
import { appendBatches } from '../copy/append-batches.ts'
import { Failed } from '../failures.ts'
import { logAfter } from '../log-pages.ts'
import { BrokenLine, jsonLines } from './lines.ts'

const sealedOf = (sha256: Sha256, value: unknown, number: number): SealedEvent => {
  const decoded = ExportedEvent.decode(value)
  if (decoded._tag === 'Left') throw new BrokenLine(`line ${number} is no exported event`)
  const { exact, id, stream, version, type, previousHash, hash } = decoded.right
  const { personal, salt } = exact
  if (!isIntact(sha256, { ...exact, previousHash, hash })) {
    throw new BrokenLine(`line ${number} was altered: its hash is wrong`)
  }
  if (personal === null || salt === null) throw new BrokenLine(`line ${number} is erased, and cannot be restored yet`)
  return { id, stream, version, type, ...exact, personal, salt, previousHash, hash }
}

async function* eventsIn(sha256: Sha256, file: string): AsyncGenerator<SealedEvent, undefined> {
  for await (const { number, value } of jsonLines(file)) yield sealedOf(sha256, value, number)
  return undefined
}

/**
 * The events of the file that the log does not have yet. @throws Failed where the log is not a beginning of the file: its
 * events would stand at other positions than they were exported from.
 */
async function* eventsBeyond(
  store: EventStore,
  events: AsyncGenerator<SealedEvent, undefined>,
): AsyncGenerator<SealedEvent, undefined> {
  const present = logAfter(store, start)
  for await (const event of events) {
    const { value: stored } = await present.next()
    if (stored === undefined) yield event
    else if (stored.hash !== event.hash) {
      const reason = `the log is not a beginning of the file: position ${stored.position} has another event`
      throw new Failed({ code: 'UnusableImport', reason, remedy: 'restore into an empty folder' })
    }
  }
  return undefined
}

/** Appends under way at once. Only SQLite's log is restored into, and it keeps their order. */
const concurrency = 256

/**
 * Appends exported events as they stand, one append for each run of a stream, behind those that the log has already;
 * answers how many the file holds. Restoring twice adds nothing.
 * @throws BrokenLine for a line that is no event or was altered, Failed where the log differs from the file.
 */
export const restore = async (
  store: EventStore,
  sha256: Sha256,
  file: string,
): Promise<{ readonly events: number }> => {
  let events = 0
  let underWay: Promise<void>[] = []

  const append = async (run: readonly SealedEvent[]): Promise<void> => {
    const [first] = run
    if (first === undefined) return
    const appended = await store.append(first.stream, first.version - 1, run)()
    if (appended._tag === 'Left') {
      const { stream, version } = first
      throw new Failed({ code: 'RefusedAppend', stream, version, reason: appended.left.tag })
    }
  }
  async function* counted(): AsyncGenerator<SealedEvent, undefined> {
    for await (const event of eventsIn(sha256, file)) {
      events++
      yield event
    }
    return undefined
  }
  for await (const run of appendBatches(eventsBeyond(store, counted()))) {
    underWay.push(append(run))
    if (underWay.length < concurrency) continue
    await Promise.all(underWay)
    underWay = []
  }
  await Promise.all(underWay)
  return { events }
}
