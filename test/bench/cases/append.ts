import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { openSqliteEventStore } from '../../../adapters/event-store/sqlite/store.ts'
import { noUploads } from '../../../domain/files/uploads.ts'
import { createCommands } from '../../../app/commands/commands.ts'
import { systemPorts } from '../../../app/system.ts'
import { decode } from '../../../domain/codec.ts'
import type { Customer } from '../../../domain/actor.ts'
import type { SealedEvent } from '../../../domain/event-log/event-store.ts'
import { emptyStream, sealEvents } from '../../../domain/event-log/seal-events.ts'
import { ticketIdCandidate, ticketStream } from '../../../domain/ids.ts'
import { ticketCommands } from '../../../domain/ticket/commands/registry.ts'
import { accountId, personId, commandId } from '../../support/ids.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import type { Benchmark } from '../benchmark.ts'
import { perSecond } from '../figures.ts'
import { emmett, type EmmettStore } from '../peers.ts'
import { texts } from '../texts.ts'

const ann: Customer = {
  id: personId('ann'),
  name: 'Ann Archer',
  email: 'ann@acme.example',
  role: 'customer',
  account: accountId('acme'),
}
const category = { id: 'other', name: 'Other' }

const inFolder = async (use: (folder: string) => Promise<number>): Promise<number> => {
  const folder = temporaryFolder()
  try {
    return await use(folder.path)
  } finally {
    folder.remove()
  }
}

/** A command without HTTP: decode, load, decide, hash, append durably. */
const ours = (descriptions: readonly string[], width: number) => () =>
  inFolder(async (folder) => {
    const store = openSqliteEventStore({ folder })
    const commands = createCommands({
      ...systemPorts,
      store,
      categories: [{ ...category, retired: false }],
      uploads: noUploads,
      team: { isSupport: () => true },
      caughtUp: () => Promise.resolve(),
      observe: () => undefined,
    })
    const rate = await perSecond(descriptions.length, width, async (n) => {
      const body: unknown = { subject: `Ticket ${n}`, description: descriptions[n], category: 'other' }
      const decoded = decode(ticketCommands.open.body)(body)
      if (decoded._tag === 'Left') throw new Error('the benchmark sends a wrong body')
      const opened = await commands.open({ caller: ann, correlationId: 'c' }, { type: 'open', ...decoded.right })()
      if (opened._tag === 'Left') throw new Error(opened.left.tag)
    })
    await store.close()
    return rate
  })

/** The rows that ours stores. Ticket ids have no order, so that an index over stream names is written at random places. */
const sealedRows = (descriptions: readonly string[]): readonly SealedEvent[] => {
  const seal = sealEvents(systemPorts.sha256, systemPorts.newSalt)
  const at = new Date().toISOString()
  return descriptions.flatMap((description, n) =>
    seal(
      ticketStream(ticketIdCandidate(systemPorts.sha256, 'caller:ann', String(n), 0)),
      emptyStream,
      {
        actor: ann,
        commandId: commandId(systemPorts.newId()),
        correlationId: 'c',
        fingerprint: '0'.repeat(64),
        occurredAt: at,
        recordedAt: at,
      },
      [
        {
          type: 'Opened',
          data: { account: ann.account, category, author: { id: ann.id } },
          personal: { subject: `Ticket ${n}`, description, author: { name: ann.name, email: ann.email } },
        },
      ],
    ),
  )
}

/** Inserts the same rows, with the same indexes, in a loop: the limit that SQLite sets, with `group` rows per sync. */
const raw = (rows: readonly SealedEvent[], group: number) => () =>
  inFolder(async (folder) => {
    const db = new Sqlite(join(folder, 'raw.db'))
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.exec(`
      CREATE TABLE streams (key INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
      CREATE TABLE events (
        position INTEGER PRIMARY KEY, stream INTEGER NOT NULL, version INTEGER NOT NULL, id BLOB NOT NULL, type TEXT NOT NULL,
        envelope TEXT NOT NULL, data TEXT NOT NULL, personal_digest BLOB NOT NULL, previous_hash BLOB NOT NULL, hash BLOB NOT NULL
      ) STRICT;
      CREATE UNIQUE INDEX events_by_stream ON events (stream, version);
      CREATE UNIQUE INDEX events_by_id ON events (stream, id);
      CREATE TABLE personal (position INTEGER PRIMARY KEY, body TEXT NOT NULL, salt BLOB NOT NULL) STRICT;
    `)
    const addStream = db.prepare('INSERT INTO streams (key, name) VALUES (?, ?)')
    const addEvent = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
    const addPersonal = db.prepare('INSERT INTO personal VALUES (?, ?, ?)')
    const hex = (text: string): Buffer => Buffer.from(text, 'hex')
    const insert = (row: SealedEvent, position: number): void => {
      addStream.run(position, row.stream)
      addEvent.run(
        position,
        position,
        row.version,
        hex(row.id.replaceAll('-', '')),
        row.type,
        row.envelope,
        row.data,
        hex(row.personalDigest),
        hex(row.previousHash),
        hex(row.hash),
      )
      addPersonal.run(position, row.personal, hex(row.salt))
    }
    const started = performance.now()
    for (let at = 0; at < rows.length; at += group) {
      db.exec('BEGIN IMMEDIATE')
      for (let n = at; n < Math.min(at + group, rows.length); n++) {
        const row = rows[n]
        if (row !== undefined) insert(row, n + 1)
      }
      db.exec('COMMIT')
    }
    const rate = (rows.length * 1_000) / (performance.now() - started)
    db.close()
    return rate
  })

/** emmett on SQLite with its default pool, one stream for each event, one append at a time: it fails on two at once. */
const peer = (open: (file: string) => EmmettStore, descriptions: readonly string[]) => () =>
  inFolder(async (folder) => {
    const store = open(join(folder, 'emmett.db'))
    await store.append('warm-up', 'Opened', {})
    return perSecond(descriptions.length, 1, async (n) => {
      const data = { account: 'acme', category, subject: `Ticket ${n}`, description: descriptions[n] }
      await store.append(`ticket-${n}`, 'Opened', data)
    })
  })

export const benchmarks = async (): Promise<readonly Benchmark[]> => {
  const { open } = await emmett()
  const many = texts(10_000)
  const few = texts(1_000)
  const fewest = texts(500)
  const [manyRows, fewRows] = [sealedRows(many), sealedRows(few)]
  return [
    {
      name: 'append',
      what: '10,000 tickets opened, 64 commands in flight, durable',
      unit: 'commands/s',
      better: 'higher',
      ours: ours(many, 64),
      raw: raw(manyRows, 64),
      peers: { 'emmett-sqlite': peer(open, fewest) },
      bar: {
        text: '≥ 0.5 × raw; ≥ 10 × emmett-sqlite',
        met: ({ ratios }) => (ratios['raw'] ?? 0) >= 0.5 && (ratios['emmett-sqlite'] ?? 0) >= 10,
      },
    },
    {
      name: 'append',
      what: '1,000 tickets opened one at a time, durable (append-1)',
      unit: 'commands/s',
      better: 'higher',
      ours: ours(few, 1),
      raw: raw(fewRows, 1),
      peers: {},
      bar: { text: 'at most 1.3 × the raw time: ≥ 0.77 × raw', met: ({ ratios }) => (ratios['raw'] ?? 0) >= 1 / 1.3 },
    },
  ]
}
