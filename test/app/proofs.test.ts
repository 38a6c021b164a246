import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { verifyEd25519 } from '../../adapters/proofs/tree-key.ts'
import { checkBundle } from '../../domain/proof/bundle.ts'
import { readKey, type NoteKey } from '../../domain/proof/note.ts'
import { holds } from '../support/arbitrary.ts'
import { clientOf } from '../support/client.ts'
import { sha256 } from '../../adapters/crypto.ts'
import { checkIndependently } from '../support/independent-bundle-check.ts'
import { demoToken } from '../support/demo.ts'
import { ledgerdesk, startServer } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const opening = { subject: 'No picture', description: 'It is dark, ünïcode 🙂.', category: 'other' }

const linesFor = (count: number): string =>
  Array.from({ length: count }, (_, n) => {
    const ticket = `Case ${n % 7}`
    const actor = { id: 'u1', name: 'Ann', email: 'ann@acme.example', role: 'customer', account: 'acme' }
    const command = n < 7 ? { type: 'open', ...opening } : { type: 'comment', body: `And now, ${n}?` }
    return `${JSON.stringify({ key: `${n}`, at: '2020-01-01T10:00:00.000Z', ticket, actor, command })}\n`
  }).join('')

interface Setup {
  folder: ReturnType<typeof temporaryFolder>
  ticket: string
  proof?: Promise<{ readonly bundle: string; readonly written: string; readonly key: NoteKey }>
}

const proofs = suite<Setup>('proofs at the command line')

const data = ({ folder }: Setup): string => join(folder.path, 'data')
const file = ({ folder }: Setup, name: string): string => join(folder.path, name)
const grow = async (setup: Setup, lines: number): Promise<void> => {
  writeFileSync(file(setup, 'in.ndjson'), linesFor(lines))
  assert.is((await ledgerdesk(data(setup), 'import', file(setup, 'in.ndjson'))).code, 0)
}
const copyTo = (setup: Setup, name: string): string => {
  mkdirSync(file(setup, name))
  for (const each of readdirSync(data(setup))) copyFileSync(join(data(setup), each), join(file(setup, name), each))
  return file(setup, name)
}
const alter = (folder: string, name: string, statements: string): void => {
  const db = new Sqlite(join(folder, name))
  for (const trigger of db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().all()) {
    db.exec(`DROP TRIGGER ${trigger}`)
  }
  db.exec(statements)
  db.close()
}

/** The ticket's bundle and its public key, created once. */
const provedOnce = async (setup: Setup) => {
  setup.proof ??= (async () => {
    const proved = await ledgerdesk(data(setup), 'prove', setup.ticket)
    assert.is(proved.code, 0, proved.stderr)
    const written = (await ledgerdesk(data(setup), 'head', '--public-key')).stdout.trim()
    const key = readKey(sha256, written)
    if (key === null) throw new Error(`${written} is no key`)
    return { bundle: proved.stdout, written, key }
  })()
  return setup.proof
}

proofs.before(async (setup) => {
  setup.folder = temporaryFolder()
  await grow(setup, 30)
  setup.ticket = /"ticket-(T-\w{8})"/.exec((await ledgerdesk(data(setup), 'export')).stdout)?.[1] ?? ''
})
proofs.after(({ folder }) => folder.remove())

proofs('a head stored elsewhere confirms a log that grew, and contradicts one that was rolled back', async (setup) => {
  const head = await ledgerdesk(data(setup), 'head')
  assert.match(head.stdout, /^ledgerdesk\/[0-9a-f]{16}\n\d+\n[A-Za-z0-9+/]{43}=\n\n— ledgerdesk\/[0-9a-f]{16} \S+\n$/)
  assert.is((await ledgerdesk(data(setup), 'head')).stdout, head.stdout, 'no new event, no new head')
  const before = copyTo(setup, 'rolled-back')
  await grow(setup, 40)
  writeFileSync(file(setup, 'old.txt'), head.stdout)
  writeFileSync(file(setup, 'new.txt'), (await ledgerdesk(data(setup), 'head')).stdout)
  for (const kept of ['old.txt', 'new.txt']) {
    const good = await ledgerdesk(data(setup), 'verify', '--since', file(setup, kept))
    assert.is(good.code, 0, good.stderr)
    assert.equal(JSON.parse(good.stdout), { events: 42, ok: true, firstBad: null })
  }
  const back = await ledgerdesk(before, 'verify', '--since', file(setup, 'new.txt'))
  assert.is(back.code, 1)
  assert.equal(JSON.parse(back.stdout), { events: 31, ok: false, firstBad: '32' })
  assert.is((await ledgerdesk(before, 'verify')).code, 0, 'without the head it passes')
})

proofs('a log that lost its end is detected by the Merkle store', async (setup) => {
  await ledgerdesk(data(setup), 'head')
  const cut = copyTo(setup, 'cut')
  alter(cut, 'log.db', 'DELETE FROM events WHERE position > 20; DELETE FROM personal WHERE position > 20')
  const verdict = await ledgerdesk(cut, 'verify')
  assert.equal(JSON.parse(verdict.stdout), { events: 20, ok: false, firstBad: '21' })
  assert.match((await ledgerdesk(cut, 'head')).stderr, 'fewer events than were signed')
})

proofs('an altered log, a damaged one, and one without a Merkle store', async (setup) => {
  await ledgerdesk(data(setup), 'head')
  const forged = copyTo(setup, 'forged')
  alter(forged, 'log.db', "UPDATE events SET data = replace(data, 'acme', 'evil') WHERE position = 1")
  const verdict = await ledgerdesk(forged, 'verify')
  assert.is(verdict.code, 1)
  assert.is(JSON.parse(verdict.stdout).firstBad, '1')
  assert.match(verdict.stderr, 'position 1: its hash does not cover what is stored')

  const damaged = copyTo(setup, 'damaged')
  const bytes = readFileSync(join(damaged, 'log.db'))
  writeFileSync(
    join(damaged, 'log.db'),
    Buffer.concat([bytes.subarray(0, 4_096), Buffer.alloc(bytes.length - 4_096, 7)]),
  )
  const broken = await ledgerdesk(damaged, 'verify')
  assert.is(broken.code, 1)
  assert.is(JSON.parse(broken.stdout).ok, false)

  const bare = copyTo(setup, 'bare')
  writeFileSync(join(bare, 'proofs.db'), 'no database')
  const without = await ledgerdesk(bare, 'verify')
  assert.match(without.stderr, 'proofs.db is damaged')
})

proofs(
  'a proof is checked offline with the public key alone, by ledgerdesk and by an independent program',
  async (setup) => {
    const { bundle, written: key } = await provedOnce(setup)
    writeFileSync(file(setup, 'bundle.json'), bundle)
    checkIndependently(key, bundle)
    const events = JSON.parse(bundle).events.length
    assert.ok(events >= 5)
    const nowhere = file(setup, 'nowhere')
    const good = await ledgerdesk(nowhere, 'verify', '--bundle', file(setup, 'bundle.json'), '--key', key)
    assert.equal(JSON.parse(good.stdout), { events, ok: true, firstBad: null })
    const trusting = await ledgerdesk(nowhere, 'verify', '--bundle', file(setup, 'bundle.json'))
    assert.is(trusting.code, 0)
    assert.match(trusting.stderr, 'compare it')
    const other = join(setup.folder.path, 'other')
    writeFileSync(file(setup, 'one.ndjson'), linesFor(1))
    await ledgerdesk(other, 'import', file(setup, 'one.ndjson'))
    const theirs = (await ledgerdesk(other, 'head', '--public-key')).stdout.trim()
    const foreign = await ledgerdesk(nowhere, 'verify', '--bundle', file(setup, 'bundle.json'), '--key', theirs)
    assert.is(foreign.code, 1)
    assert.is(JSON.parse(foreign.stdout).ok, false)
    assert.throws(() => checkIndependently(theirs, bundle))
  },
)

proofs('a bundle altered in any byte fails', async (setup) => {
  const { bundle: text, key } = await provedOnce(setup)
  const ports = { sha256, verify: verifyEd25519 }
  assert.ok(checkBundle(ports, key, text).ok)
  const bytes = Buffer.from(text)
  const fails = (altered: Buffer): void => {
    const read = altered.toString('utf8')
    assert.not(checkBundle(ports, key, read).ok, read.slice(0, 200))
  }
  for (let at = 0; at < bytes.length; at++) {
    const altered = Buffer.from(bytes)
    altered[at] = (altered[at] ?? 0) ^ 1
    fails(altered)
  }
  const any = fc.record({ at: fc.nat(bytes.length - 1), by: fc.integer({ min: 1, max: 255 }), how: fc.nat(2) })
  holds(
    fc.property(any, ({ at, by, how }) => {
      const put = how === 0 ? [(bytes[at] ?? 0) ^ by] : how === 1 ? [by, bytes[at] ?? 0] : []
      fails(Buffer.concat([bytes.subarray(0, at), Buffer.from(put), bytes.subarray(at + 1)]))
    }),
    { usually: 300 },
  )
})

proofs('a bundle with events left out, reordered or repeated fails', async (setup) => {
  const { bundle: text, key } = await provedOnce(setup)
  const { events, ...rest } = JSON.parse(text)
  for (const others of [
    events.slice(1),
    [events[0], ...events.slice(2)],
    events.toReversed(),
    [],
    [events[0], ...events],
  ]) {
    const altered = `${JSON.stringify({ ...rest, events: others })}\n`
    assert.not(checkBundle({ sha256, verify: verifyEd25519 }, key, altered).ok)
  }
  assert.is((await ledgerdesk(data(setup), 'prove', 'T-00000000')).code, 1)
  assert.is((await ledgerdesk(data(setup), 'prove', 'nonsense')).code, 1)
})

proofs('a server signs the log when it stops, and the command line works beside it', async (setup) => {
  const folder = file(setup, 'served')
  const server = await startServer(folder)
  const token = await demoToken(folder, 'Ann Archer')
  const { body } = await clientOf(server.url, token).post('/v1/tickets', opening)
  const bundle = await ledgerdesk(folder, 'prove', String(body['id']))
  assert.is(bundle.code, 0, bundle.stderr)
  assert.is(JSON.parse((await ledgerdesk(folder, 'verify')).stdout).ok, true)
  await clientOf(server.url, token).post('/v1/tickets', opening)
  assert.is(await server.stop(), 0)
  const db = new Sqlite(join(folder, 'proofs.db'), { readonly: true })
  const [size, events] = [db.prepare('SELECT max(size) FROM heads').pluck().get(), 3]
  db.close()
  assert.is(size, events)
})

proofs.run()
