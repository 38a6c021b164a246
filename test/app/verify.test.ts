import { join } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { auditSqliteLog } from '../../adapters/event-store/sqlite/audit.ts'
import { openSqliteEventStore } from '../../adapters/event-store/sqlite/store.ts'
import { createCommands } from '../../app/commands/commands.ts'
import { verifyLog, type Evidence } from '../../app/proof/verify.ts'
import { growingTree, leafHash } from '../../domain/proof/merkle.ts'
import { holdsAsync } from '../support/arbitrary.ts'
import { sha256 } from '../../adapters/crypto.ts'
import { callBy, right, testPorts } from '../support/command-ports.ts'
import { independentEventHash, independentPersonalDigest } from '../domain/event-log/independent-hash.ts'
import { ann, eve, sue } from '../support/people.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

interface Log {
  folder: ReturnType<typeof temporaryFolder>
  db: Database
  /** From before any alteration: the head alone, as it is stored elsewhere, and with the hashes of the Merkle store. */
  headAlone: Evidence
  evidence: Evidence
}

const request = { type: 'open', subject: 'No picture', description: 'It is dark.', category: 'technical' } as const

const log = suite<Log>('verify')

log.before(async (context) => {
  context.folder = temporaryFolder()
  const store = openSqliteEventStore({ folder: context.folder.path })
  const commands = createCommands(testPorts(store))
  for (const customer of [ann, eve, ann]) {
    const { id } = right(await commands.open(callBy(customer), request)())
    for (let n = 0; n < 4; n++) {
      right(await commands.act(callBy(customer), id, { type: 'comment', body: `Still dark, \uFFFD ${n}` })())
      right(
        await commands.act(callBy(sue), id, { type: 'comment', body: 'Where?', thenStatus: 'waiting_for_customer' })(),
      )
    }
    right(await commands.act(callBy(customer), id, { type: 'close' })())
    right(await commands.signIn(callBy(customer))())
  }
  await store.close()
  context.db = new Sqlite(join(context.folder.path, 'log.db'))
  const hashes = context.db.prepare<[], string>('SELECT lower(hex(hash)) FROM events ORDER BY position').pluck().all()
  const tree = growingTree(sha256)
  for (const hash of hashes) tree.add(leafHash(sha256, hash))
  const heads = [{ size: hashes.length, root: tree.root() }]
  context.headAlone = { heads, leaves: [] }
  context.evidence = { heads, leaves: hashes }
})
log.after(({ folder, db }) => {
  db.close()
  folder.remove()
})

const check = (db: Database, evidence: Evidence) => verifyLog(sha256, auditSqliteLog(db), evidence)

/** Alters the log as the owner of the file could, judges, and rolls back. */
const after = async <A>(db: Database, alter: () => void, judge: () => Promise<A>): Promise<A> => {
  db.pragma('ignore_check_constraints = ON')
  db.pragma('foreign_keys = OFF')
  db.exec('BEGIN')
  try {
    for (const name of db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().all()) {
      db.exec(`DROP TRIGGER ${name}`)
    }
    db.exec('DROP INDEX events_by_stream; DROP INDEX events_by_id')
    alter()
    return await judge()
  } finally {
    db.exec('ROLLBACK')
  }
}

log(
  'an unaltered log passes, with and without a head, with the number of its events',
  async ({ db, evidence, headAlone }) => {
    const events = evidence.heads[0]?.size ?? 0
    assert.ok(events > 40, `${events} events`)
    for (const known of [evidence, headAlone, { heads: [], leaves: [] }]) {
      assert.equal(await check(db, known), { events, ok: true, firstBad: null, reason: null })
    }
  },
)

const columns = [
  ['events', 'position'],
  ['events', 'stream'],
  ['events', 'version'],
  ['events', 'id'],
  ['events', 'type'],
  ['events', 'envelope'],
  ['events', 'data'],
  ['events', 'personal_digest'],
  ['events', 'previous_hash'],
  ['events', 'hash'],
  ['personal', 'position'],
  ['personal', 'body'],
  ['personal', 'salt'],
] as const

/** A different value: one byte changed, inserted or removed; a number changed. */
const altered = (value: unknown, at: number, byte: number, how: 'change' | 'insert' | 'remove'): unknown => {
  if (typeof value === 'number') return value + (byte % 2 === 0 ? 1 : -1) * ((at % 7) + 1)
  const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.from(value as Buffer)
  const place = at % (bytes.length + 1)
  const put = how === 'remove' ? [] : [how === 'change' && bytes[place] === byte ? byte ^ 1 : byte]
  const rest = bytes.subarray(how === 'insert' ? place : Math.min(bytes.length, place + 1))
  const made = Buffer.concat([bytes.subarray(0, place), Buffer.from(put), rest])
  return made.equals(bytes) ? Buffer.concat([bytes, Buffer.from([byte])]) : made
}

const keyOf = (table: string): string => (table === 'streams' ? 'key' : 'position')

const setColumn = (db: Database, table: string, column: string, key: number, value: unknown): void => {
  const cast = Buffer.isBuffer(value) && isText(db, table, column, key) ? 'CAST(? AS TEXT)' : '?'
  db.prepare(`UPDATE ${table} SET ${column} = ${cast} WHERE ${keyOf(table)} = ?`).run(value, key)
}
const isText = (db: Database, table: string, column: string, key: number): boolean =>
  db
    .prepare(`SELECT typeof(${column}) FROM ${table} WHERE ${keyOf(table)} = ?`)
    .pluck()
    .get(key) === 'text'

interface Row {
  readonly position: number
  readonly stream: number
  readonly version: number
  readonly envelope: string
  readonly data: string
  readonly previous_hash: Buffer
  readonly personal_digest: Buffer
}

/** Recomputes the hashes from an event on in its stream, so that the chain is valid again. */
const rehash = (db: Database, position: number): void => {
  const first = db.prepare<[number], Row>('SELECT * FROM events WHERE position = ?').get(position)
  if (first === undefined) return
  const rest = db
    .prepare<[number, number], Row>('SELECT * FROM events WHERE stream = ? AND version >= ? ORDER BY version')
    .all(first.stream, first.version)
  let previous = first.previous_hash.toString('hex')
  for (const row of rest) {
    const { body, salt } = db
      .prepare<[number], { readonly body: string; readonly salt: Buffer }>(
        'SELECT body, salt FROM personal WHERE position = ?',
      )
      .get(row.position) ?? { body: '', salt: Buffer.alloc(0) }
    const digest = independentPersonalDigest(salt.toString('hex'), body)
    const hash = independentEventHash(row.envelope, row.data, digest, previous)
    db.prepare('UPDATE events SET previous_hash = ?, personal_digest = ?, hash = ? WHERE position = ?').run(
      Buffer.from(previous, 'hex'),
      Buffer.from(digest, 'hex'),
      Buffer.from(hash, 'hex'),
      row.position,
    )
    previous = hash
  }
}

const last = (db: Database): number => Number(db.prepare('SELECT max(position) FROM events').pluck().get())
const move = (db: Database, from: number, to: number): void => {
  for (const table of ['events', 'personal']) {
    db.prepare(`UPDATE ${table} SET position = ? WHERE position = ?`).run(to, from)
  }
}
const remove = (db: Database, position: number): void => {
  for (const table of ['events', 'personal']) db.prepare(`DELETE FROM ${table} WHERE position = ?`).run(position)
}

/** Alterations at a position; the result is the first position that differs. */
const alterations: Readonly<Record<string, (db: Database, at: number, other: number) => number>> = {
  'removed, leaving a gap': (db, at) => {
    remove(db, at)
    return at
  },
  'removed, and the rest moved up': (db, at) => {
    remove(db, at)
    for (let position = at + 1; position <= last(db) + 1; position++) move(db, position, position - 1)
    return at
  },
  'removed with all later ones': (db, at) => {
    for (let position = last(db); position >= at; position--) remove(db, position)
    return at
  },
  'swapped with another': (db, at, other) => {
    const to = other === at ? (at === 1 ? 2 : at - 1) : other
    move(db, at, 0)
    move(db, to, at)
    move(db, 0, to)
    return Math.min(at, to)
  },
  'a text altered and everything hashed again': (db, at) => {
    db.prepare('UPDATE personal SET body = ? WHERE position = ?').run('{"forged":true}', at)
    rehash(db, at)
    return at
  },
  'salted and hashed again': (db, at) => {
    db.prepare('UPDATE personal SET salt = ? WHERE position = ?').run(Buffer.alloc(16, 1), at)
    rehash(db, at)
    return at
  },
  'added in between, well chained in a stream of its own': (db, at) => {
    for (let position = last(db); position >= at; position--) move(db, position, position + 1)
    const opened = db
      .prepare<[], Row & { readonly id: Buffer }>("SELECT * FROM events WHERE type = 'Opened' LIMIT 1")
      .get()
    if (opened === undefined) throw new Error('the log has no ticket')
    const { id, data } = opened
    const envelope = JSON.stringify({ ...JSON.parse(opened.envelope), stream: 'ticket-T-F0RGED00' })
    const stream = db.prepare('INSERT INTO streams (name) VALUES (?)').run('ticket-T-F0RGED00').lastInsertRowid
    const none = Buffer.alloc(0)
    db.prepare('INSERT INTO events VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?)').run(
      at,
      stream,
      id,
      'Opened',
      envelope,
      data,
      none,
      none,
      none,
    )
    db.prepare('INSERT INTO personal VALUES (?, ?, ?)').run(at, '{"forged":true}', Buffer.alloc(16))
    rehash(db, at)
    return at
  },
  'its personal part removed': (db, at) => {
    db.prepare('DELETE FROM personal WHERE position = ?').run(at)
    return at
  },
}

log('a thousand random alterations are all detected, with their position', async ({ db, evidence, headAlone }) => {
  const size = last(db)
  const position = fc.integer({ min: 1, max: size })
  const oneByte = fc.record({
    column: fc.constantFrom(...columns),
    position,
    at: fc.nat(2_000),
    byte: fc.nat(255),
    how: fc.constantFrom('change' as const, 'insert' as const, 'remove' as const),
  })
  const oneWay = fc.record({ way: fc.constantFrom(...Object.keys(alterations)), position, other: position })
  const caught = { bytes: 0, ways: 0 }
  await holdsAsync(
    fc.asyncProperty(fc.oneof(oneByte, oneWay), async (alteration) => {
      let first = 0
      const alter = (): void => {
        if ('way' in alteration) {
          first = alterations[alteration.way]?.(db, alteration.position, alteration.other) ?? 0
          caught.ways++
          return
        }
        const [table, column] = alteration.column
        const was = db.prepare(`SELECT ${column} FROM ${table} WHERE position = ?`).pluck().get(alteration.position)
        const value = altered(was, alteration.at, alteration.byte, alteration.how)
        // The table refuses a key that exists: the row is moved to a free one.
        const free = column === 'position' ? size + 1 + (alteration.at % 9) : value
        setColumn(db, table, column, alteration.position, free)
        first = alteration.position
        caught.bytes++
      }
      await after(db, alter, async () => {
        const found = await check(db, evidence)
        assert.not(found.ok, JSON.stringify(alteration))
        assert.is(found.firstBad, String(first), `${JSON.stringify(alteration)} ${found.reason}`)
        assert.not((await check(db, headAlone)).ok, 'by the head alone')
      })
    }),
    { usually: 1_000, soaked: 10_000 },
  )
  assert.ok(caught.bytes > 300 && caught.ways > 300)
})

log('the same bytes in another storage class, and bytes that decode alike, are detected', async ({ db, evidence }) => {
  const loosely = (table: string, statement: string): void => {
    db.exec(`CREATE TABLE loose AS SELECT * FROM ${table}; DROP TABLE ${table}; ALTER TABLE loose RENAME TO ${table}`)
    assert.is(db.prepare(statement).run().changes, 1)
  }
  const find = "SELECT min(position) FROM personal WHERE hex(body) LIKE '%EFBFBD%'"
  const at = Number(db.prepare(find).pluck().get())
  const unlike = `UPDATE personal SET body = CAST(unhex(replace(hex(body), 'EFBFBD', 'F09F98')) AS TEXT) WHERE position = ${at}`
  for (const [table, statement, first] of [
    ['events', 'UPDATE events SET envelope = CAST(envelope AS BLOB) WHERE position = 3', 3],
    ['personal', unlike, at],
  ] as const) {
    const alter = (): void => loosely(table, statement)
    const found = await after(db, alter, () => check(db, evidence))
    assert.is(found.firstBad, String(first), statement)
  }
})

log('leftovers beside the events are detected', async ({ db, evidence }) => {
  const size = last(db)
  const verdictAfter = async (statement: string): Promise<unknown> => {
    const alter = (): void => void db.exec(statement)
    const { ok, firstBad } = await after(db, alter, () => check(db, evidence))
    return { ok, firstBad }
  }
  assert.equal(await verdictAfter(`INSERT INTO personal VALUES (${size + 5}, '{}', zeroblob(16))`), {
    ok: false,
    firstBad: String(size + 5),
  })
  assert.equal(await verdictAfter("INSERT INTO streams (name) VALUES ('ticket-T-00000000')"), {
    ok: false,
    firstBad: null,
  })
  const ghost = `INSERT INTO events SELECT -1, stream, version, id, type, envelope, data, personal_digest, previous_hash,
    hash FROM events WHERE position = 1`
  assert.equal(await verdictAfter(ghost), { ok: false, firstBad: '1' })
})

log('the chain alone is not enough: without evidence, a cut or forged log passes', async ({ db }) => {
  const nothing = { heads: [], leaves: [] }
  for (const way of ['removed with all later ones', 'a text altered and everything hashed again']) {
    const alter = (): void => void alterations[way]?.(db, last(db) - 1, 1)
    assert.ok((await after(db, alter, () => check(db, nothing))).ok, way)
  }
})

log('stored hashes that no head confirms are ignored', async ({ db, evidence }) => {
  const leaves = [...evidence.leaves]
  leaves[3] = 'f'.repeat(64)
  assert.ok((await check(db, { ...evidence, leaves })).ok)
  assert.is((await check(db, { heads: [], leaves })).firstBad, '4', 'without a head they are the only evidence')
})

log.run()
