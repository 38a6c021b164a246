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

interface Stage {
  mail: MailServer
  place: ClusterPlace
  /** The log as it is there. */
  store: EventStore
  cluster: Cluster
}

const mails = suite<Stage>('mails of several servers on one cluster')
mails.before.each(async (stage) => {
  stage.mail = await startMailServer()
  stage.place = await emptyLog()
  stage.store = openEventStoreDB(stage.place)
  stage.cluster = startCluster(stage.place, { LEDGERDESK_SMTP_URL: stage.mail.url() })
})
mails.after.each(async ({ cluster, store, mail }) => {
  await store.close()
  await cluster.close()
  await mail.stop()
})

type Server = Awaited<ReturnType<Cluster['serve']>>

/** Ann opens a ticket and Sue answers it so often: a mail to Ann for each. */
const talk = async (server: Server, answers: number): Promise<void> => {
  const [ann, sue] = [await server.as('Ann Archer'), await server.as('Sue Singh')]
  const opened = await ann.post('/v1/tickets', { subject: 'Dark', description: 'x', category: 'other' })
  for (let n = 0; n < answers; n++) {
    const said = await sue.post(`/v1/tickets/${String(opened.body['id'])}/comments`, { body: `Answer ${n}` })
    assert.is(said.status, 201)
  }
}

/** Resolves once so many facts of this type say what was mailed. */
const noted = (store: EventStore, type: string, count: number): Promise<void> =>
  waitForEvents(store, count, (event) => event.type === type)

/** A server that has the turn to send. */
const firstServer = async (cluster: Cluster, store: EventStore): Promise<Server> => {
  const server = await cluster.serve()
  await noted(store, 'MailsMarked', 1)
  return server
}

const toAnn = ({ taken }: MailServer): number => taken.filter(({ to }) => to.includes('ann@acme.example')).length

mails(
  'one server sends, and the next one when that one is killed; each mail once',
  async ({ cluster, mail, store }) => {
    const one = await firstServer(cluster, store)
    const two = await cluster.serve()
    await talk(two, 4)
    await noted(store, 'MailSettled', 4)
    await one.kill()
    await talk(two, 3)
    await noted(store, 'MailSettled', 7)
    await two.stop()
    const three = await cluster.serve()
    await talk(three, 2)
    await noted(store, 'MailSettled', 9)
    assert.is(toAnn(mail), 9)
    assert.is(new Set(mail.taken.map(({ messageId }) => messageId)).size, mail.taken.length)
  },
)

mails('what one could not send before it was killed, the next one sends', async ({ cluster, mail, store }) => {
  await mail.stop()
  const one = await firstServer(cluster, store)
  await talk(one, 3)
  await noted(store, 'MailBegun', 1)
  const two = await cluster.serve()
  await one.kill()
  await mail.start()
  await noted(store, 'MailSettled', 3)
  assert.is(toAnn(mail), 3)
  await two.stop()
})

mails('a log that comes back from a cluster says what was mailed there', async ({ cluster, mail, place, store }) => {
  const one = await firstServer(cluster, store)
  await talk(one, 2)
  await noted(store, 'MailSettled', 2)
  await mail.stop()
  await talk(one, 1)
  await noted(store, 'MailBegun', 3)
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
})

mails.run()
