import { cpSync, existsSync, openSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openEventStore, type LogPlace } from '../../app/event-store.ts'
import { clientOf, idsOf, type Client } from '../support/client.ts'
import { demoToken } from '../support/demo.ts'
import { emptyLog, type ClusterPlace } from '../support/eventstoredb/place.ts'
import { listen } from '../support/event-stream.ts'
import { startMailServer, type MailServer } from '../support/mail-server.ts'
import { anchoredFiles, unanchored } from '../support/position-files.ts'
import { ledgerdesk, ledgerdeskIn, spawnServer } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { eventually } from '../support/until.ts'

/** Real servers whose data folder gets another log: every file with positions is compared with it before it is used. */
interface Context {
  root: ReturnType<typeof temporaryFolder>
  mail: MailServer
  place: ClusterPlace
}

const replaced = suite<Context>('a log that was replaced')
replaced.before.each(async (context) => {
  context.root = temporaryFolder()
  context.mail = await startMailServer()
  context.place = await emptyLog()
})
replaced.after.each(async ({ root, mail, place }) => {
  await mail.stop()
  place.close()
  root.remove()
})

interface Running {
  readonly url: string
  readonly token: string
  readonly ann: Client
  readonly sue: Client
  /** The server's log so far. */
  readonly lines: () => readonly Record<string, unknown>[]
  readonly stop: () => Promise<void>
}

const envOf = ({ root, mail }: Context, name: string, store = 'sqlite'): NodeJS.ProcessEnv => ({
  LEDGERDESK_DATA: join(root.path, name),
  LEDGERDESK_KEYS: join(root.path, 'keys.json'),
  LEDGERDESK_SMTP_URL: mail.url(),
  LEDGERDESK_EVENT_STORE: store,
  LOG_LEVEL: 'info',
})

const serve = async (context: Context, name: string, store?: string): Promise<Running> => {
  const file = join(context.root.path, `log-${crypto.randomUUID()}`)
  const folder = join(context.root.path, name)
  const server = await spawnServer(folder, envOf(context, name, store), { stderr: openSync(file, 'a') })
  const url = await server.serving
  const as = async (person: string) => clientOf(url, await demoToken(context.root.path, person))
  const ann = await as('Ann Archer')
  return {
    url,
    token: ann.token,
    ann,
    sue: await as('Sue Singh'),
    lines: () =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line): Record<string, unknown> => JSON.parse(line)),
    stop: async () => {
      server.process.kill('SIGTERM')
      assert.is(await server.ended, 0)
    },
  }
}

/** Ann opens so many tickets, and Sue comments on each: a mail to Ann for each. Resolves once they were taken. */
const work = async ({ mail }: Context, { ann, sue }: Running, tickets: number): Promise<readonly string[]> => {
  const before = mail.taken.length
  const opened: string[] = []
  for (let n = 0; n < tickets; n++) {
    const ticket = await ann.post('/v1/tickets', { subject: `Dark ${n}`, description: 'x', category: 'other' })
    assert.is(ticket.status, 201, JSON.stringify(ticket.body))
    const id = String(ticket.body['id'])
    opened.push(id)
    assert.is((await sue.post(`/v1/tickets/${id}/comments`, { body: 'Which region?' })).status, 201)
  }
  await eventually(async () => mail.taken.length, before + tickets)
  return opened
}

const copied = async (from: string, to: string, ...more: readonly string[]): Promise<void> => {
  const { code, stderr } = await ledgerdesk('/nowhere', 'copy', '--from', from, '--to', to, ...more)
  assert.is(code, 0, stderr)
}

const withLog = async <A>(
  place: LogPlace,
  use: (store: ReturnType<typeof openEventStore>) => Promise<A>,
): Promise<A> => {
  const store = openEventStore(place)
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}

/** Puts the log of one folder, or another file, in the place of another's. */
const putLog = ({ root }: Context, from: string, to: string, file = 'log.db'): void => {
  for (const name of [file, `${file}-wal`, `${file}-shm`]) {
    rmSync(join(root.path, to, name), { force: true })
    if (existsSync(join(root.path, from, name))) cpSync(join(root.path, from, name), join(root.path, to, name))
  }
}

const messagesOf = ({ lines }: Running): readonly unknown[] => lines().map(({ msg }) => msg)
const errorsOf = ({ lines }: Running): readonly unknown[] =>
  lines().flatMap(({ level, msg }) => (Number(level) >= 50 ? [msg] : []))

/** The lists hold these tickets and no others, and every file names this log. */
const holds = async (context: Context, running: Running, name: string, place: LogPlace, tickets: readonly string[]) => {
  const list = async () =>
    idsOf((await running.sue.get('/v1/tickets?limit=100')).body)
      .map(String)
      .toSorted()
  await eventually(list, tickets.toSorted())
  const folder = join(context.root.path, name)
  // Proofs follow every five minutes and at the end; of the two outboxes one is used.
  const except = 'folder' in place ? /^(proofs|mail-cluster)/ : /^(proofs|mail\.db)/
  await withLog(place, async (store) => {
    await eventually(() => unanchored(folder, store, except), [])
  })
}

const idAt = async (running: Running): Promise<string> => {
  const stream = await listen(running.url, { Authorization: `Bearer ${running.token}` })
  await stream.until((messages) => messages.length > 0)
  stream.close()
  return stream.lastId()
}
const liveStatus = async (running: Running, lastId: string): Promise<number | undefined> => {
  const stream = await listen(running.url, { Authorization: `Bearer ${running.token}` }, lastId)
  stream.close()
  return stream.status
}

const asideIn = ({ root }: Context, name: string): readonly string[] =>
  readdirSync(join(root.path, name)).filter((file) => /^proofs-\d+-[\da-f]{8}\.db$/.test(file))

const verified = async (context: Context, name: string, store?: string) => {
  const { code, stdout, stderr } = await ledgerdeskIn(envOf(context, name, store), 'verify')
  return { code, stderr, ...(JSON.parse(stdout) as { readonly events: number; readonly ok: boolean }) }
}

replaced('an older copy, and one that went on differently', async (context) => {
  const { root, mail } = context
  const here = { folder: join(root.path, 'here') }
  const first = await serve(context, 'here')
  const kept = [...(await work(context, first, 2))]
  await copied(`sqlite:${here.folder}`, `sqlite:${root.path}/backup`)
  const lost = await work(context, first, 3)
  const lastId = await idAt(first)
  await first.stop()
  const signed = (await verified(context, 'here')).events

  putLog(context, 'backup', 'here')
  const second = await serve(context, 'here')
  await holds(context, second, 'here', here, kept)
  assert.is((await second.sue.get(`/v1/tickets/${lost[0]}`)).status, 404)
  assert.is(await liveStatus(second, lastId), 400)
  kept.push(...(await work(context, second, 2)))
  await holds(context, second, 'here', here, kept)
  assert.is(new Set(mail.taken.map(({ messageId }) => messageId)).size, mail.taken.length, 'no mail twice')
  await second.stop()
  assert.match(String(messagesOf(second)), 'mails go on behind the last common event')
  assert.equal(
    errorsOf(second)
      .map(String)
      .map((line) => line.slice(0, 60)),
    ['the proofs are kept aside, since they are of a longer histor'],
  )
  assert.equal(asideIn(context, 'here').length, 1)
  assert.match(String(asideIn(context, 'here')), new RegExp(`proofs-${signed}-`))
  const verdict = await verified(context, 'here')
  assert.equal([verdict.code, verdict.ok], [0, true])
  assert.match(verdict.stderr, /proofs-\d+-[\da-f]{8}\.db holds proofs of another or of a longer history/)

  // A copy of the same age that went on without this folder.
  const elsewhere = await serve(context, 'backup')
  const others = await work(context, elsewhere, 4)
  await elsewhere.stop()
  putLog(context, 'backup', 'here')
  putLog(context, 'backup', 'here', 'mail.db')
  const third = await serve(context, 'here')
  const standing = [...kept.slice(0, 2), ...others]
  await holds(context, third, 'here', here, standing)
  standing.push(...(await work(context, third, 1)))
  await holds(context, third, 'here', here, standing)
  await third.stop()
  assert.is(asideIn(context, 'here').length, 2)
  assert.ok((await verified(context, 'here')).ok)
})

replaced('the log of another helpdesk, also in a folder that was started on an empty log', async (context) => {
  const { root, mail } = context
  const here = { folder: join(root.path, 'here') }
  await (await serve(context, 'here')).stop()
  const other = await serve(context, 'other')
  const theirs = [...(await work(context, other, 3))]
  await other.stop()
  const before = await serve(context, 'before')
  await work(context, before, 2)
  const lastId = await idAt(before)
  await before.stop()

  for (const name of ['before', 'here']) {
    const sent = mail.taken.length
    putLog(context, 'other', name)
    const place = { folder: join(root.path, name) }
    const running = await serve(context, name)
    await holds(context, running, name, place, theirs)
    if (name === 'before') assert.is(await liveStatus(running, lastId), 400)
    const tickets = [...theirs, ...(await work(context, running, 1))]
    await holds(context, running, name, place, tickets)
    await running.stop()
    assert.is(mail.taken.length, sent + 1, name)
    assert.is(new Set(mail.taken.map(({ messageId }) => messageId)).size, mail.taken.length, 'no mail twice')
    assert.is(asideIn(context, name).length, name === 'before' ? 1 : 0)
  }
  assert.ok((await verified(context, 'here')).ok)
  assert.ok(existsSync(here.folder))
})

replaced('an empty log beside signed heads stops the start with one line and what mends it', async (context) => {
  const { root } = context
  const first = await serve(context, 'here')
  const tickets = await work(context, first, 2)
  await first.stop()
  await copied(`sqlite:${root.path}/here`, `sqlite:${root.path}/backup`)
  putLog(context, 'nowhere', 'here')

  const refused = await ledgerdeskIn({ ...envOf(context, 'here'), PORT: '0' }, 'serve')
  assert.is(refused.code, 1)
  const said = refused.stderr.split('\n').filter((line) => line.startsWith('ledgerdesk: '))
  assert.is(said.length, 1, refused.stderr)
  assert.not.match(refused.stdout, 'listening')
  const put = /ledgerdesk (copy --from sqlite:)BACKUP( --to \S+);/.exec(String(said))
  assert.ok(put, String(said))
  const [, from = '', to = ''] = put ?? []
  const words = `${from}${root.path}/backup${to}`.split(' ')
  assert.is((await ledgerdesk('/nowhere', ...words)).code, 0)
  const again = await serve(context, 'here')
  await holds(context, again, 'here', { folder: join(root.path, 'here') }, tickets)
  await again.stop()
  assert.equal(errorsOf(again), [])

  putLog(context, 'nowhere', 'here')
  const aside = await ledgerdeskIn(envOf(context, 'here'), 'proofs', '--aside')
  assert.is(aside.code, 0, aside.stderr)
  assert.is(JSON.parse(aside.stdout).aside.length, 1)
  const anew = await serve(context, 'here')
  await holds(context, anew, 'here', { folder: join(root.path, 'here') }, await work(context, anew, 1))
  await anew.stop()
})

replaced('a log that is moved to a cluster and back, with the same data folder', async (context) => {
  const { root, mail, place } = context
  const cluster = { connectionString: place.connectionString }
  const first = await serve(context, 'here')
  const tickets = [...(await work(context, first, 3))]
  const here = await idAt(first)
  await first.stop()
  const { events } = await verified(context, 'here')
  await copied(`sqlite:${root.path}/here`, place.connectionString, '--seal')

  const moved = await serve(context, 'here', place.connectionString)
  await holds(context, moved, 'here', cluster, tickets)
  assert.is(await liveStatus(moved, here), 400)
  tickets.push(...(await work(context, moved, 2)))
  await holds(context, moved, 'here', cluster, tickets)
  const there = await idAt(moved)
  await moved.stop()
  assert.equal(errorsOf(moved), [])
  assert.equal(asideIn(context, 'here'), [], 'the copy continues what was signed')
  const onCluster = await verified(context, 'here', place.connectionString)
  assert.equal([onCluster.code, onCluster.ok], [0, true])
  assert.ok(onCluster.events > events)

  await copied(place.connectionString, `sqlite:${root.path}/back`, '--seal')
  // The data folder goes on with the log that came back: mail.db and the proofs are those of before.
  renameSync(join(root.path, 'here/log.db'), join(root.path, 'sealed.db'))
  putLog(context, 'back', 'here')
  const home = await serve(context, 'here')
  const folder = { folder: join(root.path, 'here') }
  await holds(context, home, 'here', folder, tickets)
  assert.is(await liveStatus(home, there), 400)
  tickets.push(...(await work(context, home, 1)))
  await holds(context, home, 'here', folder, tickets)
  await home.stop()
  assert.equal(errorsOf(home), [])
  assert.equal(asideIn(context, 'here'), [])
  assert.is(mail.taken.length, tickets.length, 'each mail once')
  assert.ok((await verified(context, 'here')).ok)
})

replaced('every file of a data folder that holds positions is anchored from the first event on', async (context) => {
  const { root, place } = context
  for (const [name, store] of [
    ['here', 'sqlite'],
    ['there', place.connectionString],
  ] as const) {
    const running = await serve(context, name, store)
    const opened = await running.ann.post('/v1/tickets', { subject: 'Dark', description: 'x', category: 'other' })
    assert.is(opened.status, 201)
    const at = store === 'sqlite' ? { folder: join(root.path, name) } : { connectionString: store }
    const own = store === 'sqlite' ? 'mail.db' : 'mail-cluster.db'
    const folder = join(root.path, name)
    await eventually(async () => {
      const missing = ['read-models.db', 'reports.db', own].filter((file) => !anchoredFiles(folder).includes(file))
      return [...missing, ...(await withLog(at, (log) => unanchored(folder, log, /^proofs/)))]
    }, [])
    await running.stop()
    await withLog(at, async (log) => assert.equal(await unanchored(folder, log), []))
  }
})

replaced.run()
