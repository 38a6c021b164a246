import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openEventStoreDB } from '../../adapters/event-store/eventstoredb/store.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { startCluster, type Cluster } from '../support/cluster.ts'
import { emptyLog, type ClusterPlace } from '../support/eventstoredb/place.ts'
import { waitForEvents } from '../support/wait-for-events.ts'
import { ledgerdesk, startServer } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { startMailServer, type MailServer } from '../support/mail-server.ts'

interface Context {
  mail: MailServer
  place: ClusterPlace
  /** The log on the cluster. */
  store: EventStore
  cluster: Cluster
}

const mails = suite<Context>('mails of several servers on one cluster')
mails.before.each(async (context) => {
  context.mail = await startMailServer()
  context.place = await emptyLog()
  context.store = openEventStoreDB(context.place)
  context.cluster = startCluster(context.place, { LEDGERDESK_SMTP_URL: context.mail.url() })
})
mails.after.each(async ({ cluster, store, mail }) => {
  await store.close()
  await cluster.close()
  await mail.stop()
})

type Server = Awaited<ReturnType<Cluster['serve']>>

/** Ann opens a ticket and Sue comments so often: a mail to Ann for each. */
const comment = async (server: Server, answers: number): Promise<void> => {
  const [ann, sue] = [await server.as('Ann Archer'), await server.as('Sue Singh')]
  const opened = await ann.post('/v1/tickets', { subject: 'Dark', description: 'x', category: 'other' })
  for (let n = 0; n < answers; n++) {
    const commented = await sue.post(`/v1/tickets/${String(opened.body['id'])}/comments`, { body: `Answer ${n}` })
    assert.is(commented.status, 201)
  }
}

/** Resolves once so many events of this type are in the outbox log. */
const recorded = (store: EventStore, type: string, count: number): Promise<void> =>
  waitForEvents(store, count, (event) => event.type === type)

/** A server that is the leader. */
const firstLeader = async (cluster: Cluster, store: EventStore): Promise<Server> => {
  const server = await cluster.serve()
  await recorded(store, 'MailsMarked', 1)
  return server
}

const toAnn = ({ taken }: MailServer): number => taken.filter(({ to }) => to.includes('ann@acme.example')).length

mails(
  'one server sends, and the next leader when that one is killed; each mail once',
  async ({ cluster, mail, store }) => {
    const one = await firstLeader(cluster, store)
    const two = await cluster.serve()
    await comment(two, 4)
    await recorded(store, 'MailSettled', 4)
    await one.kill()
    await comment(two, 3)
    await recorded(store, 'MailSettled', 7)
    await two.stop()
    const three = await cluster.serve()
    await comment(three, 2)
    await recorded(store, 'MailSettled', 9)
    assert.is(toAnn(mail), 9)
    assert.is(new Set(mail.taken.map(({ messageId }) => messageId)).size, mail.taken.length)
  },
)

mails(
  'mails that a leader could not send before it was killed, the next one sends',
  async ({ cluster, mail, store }) => {
    await mail.stop()
    const one = await firstLeader(cluster, store)
    await comment(one, 3)
    await recorded(store, 'MailBegun', 1)
    const two = await cluster.serve()
    await one.kill()
    await mail.start()
    await recorded(store, 'MailSettled', 3)
    assert.is(toAnn(mail), 3)
    await two.stop()
  },
)

mails(
  'a log that is copied from a cluster to a folder continues with the mails that are unsent',
  async ({ cluster, mail, place, store }) => {
    const one = await firstLeader(cluster, store)
    await comment(one, 2)
    await recorded(store, 'MailSettled', 2)
    await mail.stop()
    await comment(one, 1)
    await recorded(store, 'MailBegun', 3)
    await one.kill()
    const folder = temporaryFolder()
    try {
      const { connectionString } = place
      const copied = await ledgerdesk('/nowhere', 'copy', '--from', connectionString, '--to', `sqlite:${folder.path}`)
      assert.is(copied.code, 0, copied.stderr)
      await mail.start()
      const server = await startServer(folder.path, { LEDGERDESK_SMTP_URL: mail.url() })
      await mail.untilTaken(3)
      assert.is(await server.stop(), 0)
      assert.is(toAnn(mail), 3)
    } finally {
      folder.remove()
    }
  },
)

mails.run()
