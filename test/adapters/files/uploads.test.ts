import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { contentOf } from '../../../adapters/files/content.ts'
import type { Scanner } from '../../../adapters/files/scanner.ts'
import { openFileStore, type FileStore } from '../../../adapters/files/store.ts'
import { sweep, type SweepPorts } from '../../../adapters/files/sweep.ts'
import { uploadsIn } from '../../../adapters/files/uploads.ts'
import type { Claim, Uploads } from '../../../domain/files/uploads.ts'
import type { Upload } from '../../../domain/files/uploads.ts'
import { refused, right } from '../../support/command-ports.ts'
import { fixture, padded, text, type Sent } from '../../support/fixtures.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

interface Context {
  folder: ReturnType<typeof temporaryFolder>
  store: FileStore
  uploads: Uploads
  verdict: Awaited<ReturnType<Scanner>>
  swept: (over?: Partial<SweepPorts>) => ReturnType<typeof sweep>
}

const ann = { id: 'ann', account: 'acme' }
const claimOf = (n: number): Claim => ({
  commandId: `00000000-0000-8000-8000-${String(n).padStart(12, '0')}`,
  ticket: 'T-0123ABCD',
})
const [first, second] = [claimOf(1), claimOf(2)]
const day = 86_400_000

const files = suite<Context>('uploads')

files.before.each(async (context) => {
  context.folder = temporaryFolder()
  context.verdict = 'clean'
  const scan: Scanner = () => Promise.resolve(context.verdict)
  context.store = await openFileStore({ folder: context.folder.path, contentOf, scan, clock: { now: Date.now } })
  const { places } = context.store
  context.uploads = uploadsIn(places, ({ error }) => {
    throw error
  })
  context.swept = (over = {}) =>
    sweep({ places, uploads: context.uploads, scan, isNamed: () => Promise.resolve(false), now: Date.now(), ...over })
})
files.after.each(({ folder }) => folder.remove())

async function* arriving({ bytes }: Sent, pieces = 3): AsyncGenerator<Uint8Array> {
  const size = Math.ceil(bytes.length / pieces)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const take = ({ store }: Context, file: Sent) => store.take(arriving(file), file.name, ann)
const taken = async (context: Context, file: Sent = fixture('txt')): Promise<Upload> => right(await take(context, file))
const left = ({ folder }: Context): readonly string[] =>
  readdirSync(folder.path).flatMap((place) => readdirSync(join(folder.path, place)).map((name) => `${place}/${name}`))

files('a file is on the disk with its hash before it is acknowledged', async (context) => {
  const upload = await taken(context)
  assert.equal(left(context), [`uploaded/${upload.id}`])
  assert.match(upload.id, /^[0-9a-f]{32}$/)
  assert.is(upload.name, 'note.txt')
  assert.is(upload.size, fixture('txt').bytes.length)
})

files('the caps are in bytes, the cap itself allowed, and what is refused leaves nothing', async (context) => {
  const MB = 1_048_576
  for (const [kind, limit] of [
    ['jpg', 10 * MB],
    ['png', 10 * MB],
    ['gif', 20 * MB],
    ['txt', 20 * MB],
    ['pdf', 20 * MB],
  ] as const) {
    assert.is((await taken(context, padded(fixture(kind), limit))).size, limit)
    assert.is(refused(await take(context, padded(fixture(kind), limit + 1))), 'FileTooLarge', kind)
  }
  assert.is(refused(await take(context, text('empty.txt', ''))), 'Invalid')
  assert.is(refused(await take(context, text('.txt', 'x'))), 'Invalid')
  assert.is(refused(await take(context, text('con.txt', 'x'))), 'Invalid')
  assert.is(refused(await take(context, text('x.exe', 'x'))), 'FileTypeNotAllowed')
  assert.is(refused(await take(context, { ...fixture('gif'), name: 'x.png' })), 'FileTypeNotAllowed')
  context.verdict = 'infected'
  assert.is(refused(await take(context, fixture('txt'))), 'FileInfected')
  assert.is(left(context).length, 5)
})

files('a source that breaks off leaves nothing', async (context) => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(1_000)
    throw new Error('the client left')
  }
  const outcome = await context.store.take(broken(), 'x.txt', ann).catch(String)
  assert.is(outcome, 'Error: the client left')
  assert.equal(left(context), [])
})

files("an upload is its uploader's alone, in the account it was made in", async (context) => {
  const { uploads } = context
  const { id } = await taken(context)
  for (const other of [
    { id: 'bob', account: 'acme' },
    { id: 'ann', account: 'globex' },
    { id: 'ann', account: null },
  ]) {
    assert.is(refused(await uploads.find(other, [id], first)()), 'UnknownFile')
  }
  for (const nonsense of ['', '../uploaded', `${id}/`, 'f'.repeat(32)]) {
    assert.is(refused(await uploads.find(ann, [nonsense], first)()), 'UnknownFile')
  }
  assert.equal(
    right(await uploads.find(ann, [id], first)()).map((upload) => upload.id),
    [id],
  )
})

files(
  'of two commands that claim a file at once only one gets it, and the other may have it once released',
  async (context) => {
    const { uploads, store } = context
    const { id } = await taken(context)
    const claims = await Promise.all([uploads.claim([id], first)(), uploads.claim([id], second)()])
    assert.equal(claims.map(({ _tag }) => _tag).toSorted(), ['Left', 'Right'])
    const [winner, loser] = claims[0]?._tag === 'Right' ? [first, second] : [second, first]
    assert.is(refused(await uploads.find(ann, [id], loser)()), 'UnknownFile')
    right(await uploads.find(ann, [id], winner)())
    right(await uploads.claim([id], winner)())
    await uploads.release([id], loser.commandId)
    assert.is(refused(await uploads.claim([id], loser)()), 'UnknownFile')
    await uploads.release([id], winner.commandId)
    right(await uploads.claim([id], loser)())
    await uploads.keep([id])
    assert.is(refused(await uploads.find(ann, [id], loser)()), 'UnknownFile')
    assert.ok(existsSync((await store.pathOf(id)) ?? ''))
  },
)

files('what no command named within 24 hours goes, and what an event names never does', async (context) => {
  const { uploads, swept } = context
  const [unused, used] = [await taken(context), await taken(context)]
  right(await uploads.claim([used.id], first)())
  await uploads.keep([used.id])
  assert.equal(await swept({ now: Date.now() + day - 5_000 }), { removed: 0, kept: 0, released: 0 })
  assert.equal(await swept({ now: Date.now() + day + 5_000 }), { removed: 1, kept: 0, released: 0 })
  assert.equal(left(context), [`kept/${used.id}`])
  assert.is(refused(await uploads.find(ann, [unused.id], first)()), 'UnknownFile')
})

files('a claim whose end nobody saw is settled by the log, never by a guess', async (context) => {
  const { uploads, swept, store } = context
  const [named, unnamed, unclear] = [await taken(context), await taken(context), await taken(context)]
  right(await uploads.claim([named.id, unnamed.id, unclear.id], first)())
  const isNamed = (_ticket: string, file: string) => Promise.resolve(file === unclear.id ? null : file === named.id)
  assert.equal(await swept({ isNamed, now: Date.now() + 30_000 }), { removed: 0, kept: 0, released: 0 })
  // Before it is settled, a reader whom an event led here finds it all the same.
  assert.ok(existsSync((await store.pathOf(named.id)) ?? ''))
  assert.equal(await swept({ isNamed, now: Date.now() + 90_000 }), { removed: 0, kept: 1, released: 1 })
  assert.equal(
    left(context)
      .map((place) => place.split('.', 1).join())
      .toSorted(),
    [`claimed/${unclear.id}`, `kept/${named.id}`, `uploaded/${unnamed.id}`],
  )
})

files('a file that nobody could judge stays closed until somebody has', async (context) => {
  const { uploads, swept } = context
  context.verdict = 'unknown'
  const [good, bad] = [await taken(context), await taken(context)]
  assert.is(refused(await uploads.find(ann, [good.id], first)()), 'FilePending')
  await swept()
  assert.is(refused(await uploads.find(ann, [good.id], first)()), 'FilePending')
  context.verdict = 'infected'
  await swept({ scan: (path) => Promise.resolve(path.includes(bad.id) ? 'infected' : 'clean') })
  right(await uploads.find(ann, [good.id], first)())
  assert.is(refused(await uploads.find(ann, [bad.id], first)()), 'FileInfected')
  assert.not(existsSync(join(context.folder.path, 'uploaded', bad.id, 'bytes')))
})

files.run()
