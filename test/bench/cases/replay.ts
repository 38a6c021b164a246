import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { openSqliteEventStore } from '../../../adapters/event-store/sqlite/store.ts'
import { loadStream } from '../../../app/commands/load-stream.ts'
import { systemPorts } from '../../../app/system.ts'
import type { Support } from '../../../domain/actor.ts'
import { emptyStream, sealEvents } from '../../../domain/event-log/seal-events.ts'
import type { DomainEvent } from '../../../domain/event-log/event-types.ts'
import { evolve, initial } from '../../../domain/ticket/ticket.ts'
import { personId, accountId, commandId, streamName } from '../../support/ids.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import type { Benchmark } from '../benchmark.ts'
import { emmett, type EmmettStore } from '../peers.ts'
import { texts } from '../texts.ts'

const sue: Support = { id: personId('sue'), name: 'Sue Singh', email: 'sue@support.example', role: 'support' }
const stream = streamName('ticket-T-00000001')

const history = (length: number): readonly DomainEvent[] => {
  const author = { name: 'Ann', email: 'ann@acme.example' }
  const opened: DomainEvent = {
    type: 'Opened',
    data: { account: accountId('acme'), category: { id: 'other', name: 'Other' }, author: { id: personId('ann') } },
    personal: { subject: 'A long story', description: 'It goes on.', author },
  }
  const comments = texts(length - 1).map((body): DomainEvent => ({
    type: 'CommentAdded',
    data: {},
    personal: { body },
  }))
  return [opened, ...comments]
}

const filled = async (folder: string, events: readonly DomainEvent[]): Promise<void> => {
  const store = openSqliteEventStore({ folder })
  const at = new Date().toISOString()
  const context = {
    actor: sue,
    commandId: commandId('c'),
    correlationId: 'c',
    fingerprint: '0',
    occurredAt: at,
    recordedAt: at,
  }
  const sealed = sealEvents(systemPorts.sha256, systemPorts.newSalt)(stream, emptyStream, context, events)
  const appended = await store.append(stream, 0, sealed)()
  if (appended._tag === 'Left') throw new Error(appended.left.tag)
  await store.close()
}

/** Milliseconds per call: the mean of so many calls, since one is shorter than the clock's resolution. */
const milliseconds = async (times: number, work: () => Promise<number>, expected: number): Promise<number> => {
  const started = performance.now()
  for (let n = 0; n < times; n++) if ((await work()) !== expected) throw new Error('a part of the history is missing')
  return (performance.now() - started) / times
}

interface Files {
  readonly ours: string
  readonly emmett: EmmettStore
}

/** Loads as a command does: read, check every hash, decode, fold. */
const ours =
  ({ ours: folder }: Files, times: number, length: number) =>
  async () => {
    const store = openSqliteEventStore({ folder })
    const load = loadStream(store, systemPorts.sha256)
    const figure = await milliseconds(
      times,
      async () => {
        const loaded = await load(stream)()
        if (loaded._tag === 'Left') throw new Error(loaded.left.tag)
        let ticket = initial
        for (const event of loaded.right.events) ticket = evolve(ticket, event)
        return ticket.status === 'open' ? loaded.right.events.length : 0
      },
      length,
    )
    await store.close()
    return figure
  }

/** Only SELECT and JSON.parse of the same rows. */
const raw =
  ({ ours: folder }: Files, times: number, length: number) =>
  async () => {
    const db = new Sqlite(join(folder, 'log.db'), { readonly: true })
    const select = db
      .prepare<[string], readonly [string, string, string]>(
        `SELECT e.envelope, e.data, p.body FROM events e JOIN personal p ON p.position = e.position
         WHERE e.stream = (SELECT key FROM streams WHERE name = ?) ORDER BY e.version`,
      )
      .raw()
    const figure = await milliseconds(
      times,
      async () => {
        let parsed = 0
        for (const row of select.all(stream)) for (const part of row) parsed += JSON.parse(part) === null ? 0 : 1
        return parsed / 3
      },
      length,
    )
    db.close()
    return figure
  }

const peer =
  ({ emmett: store }: Files, times: number, length: number) =>
  () =>
    milliseconds(times, () => store.fold(stream, 0, (count) => count + 1), length)

const inRatio = (ratio: number | undefined): boolean => (ratio ?? Number.POSITIVE_INFINITY) <= 1 / 0.7

export const benchmarks = async (): Promise<readonly Benchmark[]> => {
  const { open } = await emmett()
  const made: Benchmark[] = []
  for (const [length, times] of [
    [10, 500],
    [1_000, 10],
    [100_000, 1],
  ] as const) {
    const events = history(length)
    const folder = temporaryFolder()
    process.once('exit', folder.remove)
    await filled(folder.path, events)
    const files = { ours: folder.path, emmett: open(join(folder.path, 'emmett.db')) }
    const plain = events.map(({ type, data, personal }) => ({ type, data: { ...data, ...personal } }))
    for (let at = 0; at < length; at += 1_000) await files.emmett.appendAll(stream, plain.slice(at, at + 1_000))
    made.push({
      name: 'replay',
      what: `read and fold a history of ${length.toLocaleString('en')} events, hashes checked`,
      unit: 'ms',
      better: 'lower',
      ours: ours(files, times, length),
      raw: raw(files, times, length),
      peers: { 'emmett-sqlite': peer(files, times, length) },
      bar: {
        text: '≥ 0.7 × the rate of SELECT and JSON.parse: ≤ 1.43 × its time; ahead of emmett',
        met: ({ ratios }) => inRatio(ratios['raw']) && (ratios['emmett-sqlite'] ?? 1) < 1,
      },
    })
  }
  return made
}
