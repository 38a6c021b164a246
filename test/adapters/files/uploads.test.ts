import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { contentOf } from '../../../adapters/files/content.ts'
import type { Scanner } from '../../../adapters/files/clamd.ts'
import { openFileStore, type FileStore } from '../../../adapters/files/store.ts'
import { movedAt } from '../../../adapters/files/folders.ts'
import { sweep, type SweepPorts } from '../../../adapters/files/sweep.ts'
import { uploadsIn } from '../../../adapters/files/uploads.ts'
import type { Claim, Uploads } from '../../../domain/files/uploads.ts'
import type { Upload } from '../../../domain/files/uploads.ts'
import { refused, right } from '../../support/command-ports.ts'
import { fixture, padded, text, type Sent } from '../../support/fixtures.ts'
import { commandId, ticketId, accountId, personId } from '../../support/ids.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

interface Context {
  folder: ReturnType<typeof temporaryFolder>
  store: FileStore
  uploads: Uploads
  verdict: Awaited<ReturnType<Scanner>>
  swept: (over?: Partial<SweepPorts>) => ReturnType<typeof sweep>
}

const ann = { id: personId('ann'), account: accountId('acme') }
const claimOf = (n: number): Claim => ({
  commandId: commandId(`00000000-0000-8000-8000-${String(n).padStart(12, '0')}`),
  ticket: ticketId('T-0123ABCD'),
})
const [first, second] = [claimOf(1), claimOf(2)]
const [minute, day] = [60_000, 86_400_000]

const files = suite<Context>('uploads')

files.before.each(async (context) => {
  context.folder = temporaryFolder()
  context.verdict = 'clean'
  const scan: Scanner = () => Promise.resolve(context.verdict)
  context.store = await openFileStore({ folder: context.folder.path, contentOf, scan, clock: { now: Date.now } })
  const { folders } = context.store
  context.uploads = uploadsIn(folders, ({ error }) => {
    throw error
  })
  context.swept = (over = {}) =>
    sweep({
      folders,
      uploads: context.uploads,
      scan,
      isNamed: () => Promise.resolve(false),
      onError: ({ error }) => {
        throw error
      },
      now: Date.now(),
      ...over,
    })
})
files.after.each(({ folder }) => folder.remove())

/** The bytes as a stream of some chunks. */
async function* streamOf({ bytes }: Sent, pieces = 3): AsyncGenerator<Uint8Array> {
  const size = Math.ceil(bytes.length / pieces)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const take = ({ store }: Context, file: Sent) => store.take(streamOf(file), file.name, ann)
const taken = async (context: Context, file: Sent = fixture('txt')): Promise<Upload> => right(await take(context, file))
const stored = ({ folder }: Context): readonly string[] =>
  readdirSync(folder.path).flatMap((state) => readdirSync(join(folder.path, state)).map((name) => `${state}/${name}`))

files('a file is on the disk with its hash before it is acknowledged', async (context) => {
  const upload = await taken(context)
  assert.equal(stored(context), [`uploaded/${upload.id}`])
  assert.match(upload.id, /^[0-9a-f]{32}$/)
  assert.is(upload.name, 'note.txt')
  assert.is(upload.size, fixture('txt').bytes.length)
})

files('limits are in bytes and inclusive, and a refused file leaves nothing', async (context) => {
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
  assert.is(stored(context).length, 5)
})

files('an upload that breaks off leaves nothing', async (context) => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(1_000)
    throw new Error('the client left')
  }
  const outcome = await context.store.take(broken(), 'x.txt', ann).catch(String)
  assert.is(outcome, 'Error: the client left')
  assert.equal(stored(context), [])
})

files('an upload belongs to its uploader alone, in the account that it was uploaded in', async (context) => {
  const { uploads } = context
  const { id } = await taken(context)
  for (const other of [
    { id: personId('bob'), account: accountId('acme') },
    { id: personId('ann'), account: accountId('globex') },
    { id: personId('ann'), account: null },
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
  'of two commands that claim a file at once one gets it, and the other may claim it once it is released',
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

files('an upload that no command used within 24 hours is removed, one that an event names never', async (context) => {
  const { uploads, swept } = context
  const [unused, used] = [await taken(context), await taken(context)]
  right(await uploads.claim([used.id], first)())
  await uploads.keep([used.id])
  const uploadedAt = await movedAt(context.store.folders.uploaded(unused.id))
  assert.equal(await swept({ now: Math.floor(uploadedAt) + day }), { removed: 0, kept: 0, released: 0 })
  assert.equal(await swept({ now: Math.ceil(uploadedAt) + day + 1 }), { removed: 1, kept: 0, released: 0 })
  assert.equal(stored(context), [`kept/${used.id}`])
  assert.is(refused(await uploads.find(ann, [unused.id], first)()), 'UnknownFile')
})

files('a claim that a crash left open is settled by the log', async (context) => {
  const { uploads, swept, store } = context
  const [named, unnamed, unclear] = [await taken(context), await taken(context), await taken(context)]
  right(await uploads.claim([named.id, unnamed.id, unclear.id], first)())
  const isNamed = (_ticket: string, file: string) => Promise.resolve(file === unclear.id ? null : file === named.id)
  const claimedAt = await movedAt(store.folders.claimedBy(named.id, first))
  assert.equal(await swept({ isNamed, now: Math.floor(claimedAt) + minute }), { removed: 0, kept: 0, released: 0 })
  // A claimed file that an event names can be read before the claim is settled.
  assert.ok(existsSync((await store.pathOf(named.id)) ?? ''))
  const lastClaimedAt = await movedAt(store.folders.claimedBy(unclear.id, first))
  assert.equal(await swept({ isNamed, now: Math.ceil(lastClaimedAt) + minute + 1 }), {
    removed: 0,
    kept: 1,
    released: 1,
  })
  assert.equal(
    stored(context)
      .map((path) => path.split('.', 1).join())
      .toSorted(),
    [`claimed/${unclear.id}`, `kept/${named.id}`, `uploaded/${unnamed.id}`],
  )
})

files('a file without a verdict is unusable until it is scanned', async (context) => {
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

files('an upload whose description is torn is unknown, set aside and named; the others are swept', async (context) => {
  context.verdict = 'unknown'
  const [torn, whole] = [await taken(context), await taken(context)]
  writeFileSync(join(context.store.folders.uploaded(torn.id), 'meta.json'), '{"id":"')
  assert.is(refused(await context.uploads.find(ann, [torn.id], first)()), 'UnknownFile')
  context.verdict = 'clean'
  const named: unknown[] = []
  await context.swept({ onError: ({ file, setAside }) => named.push([file, setAside]) })
  assert.equal(named, [[torn.id, true]])
  assert.equal(stored(context).toSorted(), [`damaged/${torn.id}`, `uploaded/${whole.id}`])
  right(await context.uploads.find(ann, [whole.id], first)())
})

files('a disk that fails is a refusal that says so, and nothing is left', async (context) => {
  for (const [code, tag] of [
    ['ENOSPC', 'StorageFull'],
    ['EIO', 'NotReady'],
    ['EROFS', 'NotReady'],
    ['EMFILE', 'NotReady'],
  ] as const) {
    const store = await openFileStore({
      folder: context.folder.path,
      contentOf: () => Promise.reject(Object.assign(new Error(code), { code })),
      scan: () => Promise.resolve('clean'),
      clock: { now: Date.now },
    })
    assert.is(refused(await take({ ...context, store }, fixture('txt'))), tag)
    assert.equal(stored(context), [])
  }
})

files('a folder that is no longer there is a refusal too', async (context) => {
  const incoming = join(context.folder.path, 'incoming')
  rmSync(incoming, { recursive: true })
  writeFileSync(incoming, '')
  assert.is(refused(await take(context, fixture('txt'))), 'NotReady')
})

files.run()
