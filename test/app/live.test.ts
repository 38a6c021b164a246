import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { clientOf, type Client } from '../support/client.ts'
import { demoToken } from '../support/demo.ts'
import { listen, type EventStream, type Message } from '../support/event-stream.ts'
import { startServer, type RunningServer } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Live updates of a server process that is killed and started again. */
interface Setup {
  server: RunningServer
  folder: ReturnType<typeof temporaryFolder>
  tokens: Map<string, string>
}

const live = suite<Setup>('live updates of a running server')

live.before(async (setup) => {
  setup.folder = temporaryFolder()
  setup.server = await startServer(setup.folder.path)
  setup.tokens = new Map()
  for (const name of ['Ann Archer', 'Bob Baker', 'Carla Costa', 'Sue Singh', 'Ada Adler']) {
    setup.tokens.set(name, await demoToken(setup.folder.path, name))
  }
})
live.after(async ({ server, folder }) => {
  await server.stop()
  folder.remove()
})

const tokenOf = ({ tokens }: Setup, name: string): string => tokens.get(name) ?? ''
const as = (setup: Setup, name: string): Client => clientOf(setup.server.url, tokenOf(setup, name))
const connect = (setup: Setup, name: string, lastId?: string): Promise<EventStream> =>
  listen(setup.server.url, { Authorization: `Bearer ${tokenOf(setup, name)}` }, lastId)

const said = (messages: readonly Message[]): readonly string[] =>
  messages.flatMap(({ event, data }) => {
    if (event === 'counters') return []
    return event === 'ticket' ? [`${String(data['id'])} ${String(data['version'])}`] : [String(data['kind'])]
  })
const counted = (messages: readonly Message[]): unknown => messages.findLast(({ event }) => event === 'counters')?.data

live("each side receives the other side's changes at once, and its own counters", async (setup) => {
  const [ann, sue] = [as(setup, 'Ann Archer'), as(setup, 'Sue Singh')]
  await ann.get('/v1/me')
  await sue.get('/v1/me')
  const [annHears, bobHears, sueHears, carlaHears] = [
    await connect(setup, 'Ann Archer'),
    await connect(setup, 'Bob Baker'),
    await connect(setup, 'Sue Singh'),
    await connect(setup, 'Carla Costa'),
  ]
  const opened = await ann.post('/v1/tickets', { subject: 'Dark', description: 'No picture', category: 'video-cdn' })
  const id = String(opened.body['id'])
  await sue.post(`/v1/tickets/${id}/comments`, { body: 'Where?', thenStatus: 'waiting_for_customer' })
  const waiting = { waiting: 1, unreadTickets: 1, unreadNotifications: 1 }
  await annHears.until((messages) => JSON.stringify(counted(messages)) === JSON.stringify(waiting))
  assert.equal(said(annHears.messages), [`${id} 1`, `${id} 3`, 'waiting_for_customer'])
  await bobHears.until((messages) => said(messages).length === 2)
  await sueHears.until((messages) => said(messages).length === 3)
  assert.equal(said(sueHears.messages), [`${id} 1`, 'new_ticket', `${id} 3`])
  await ann.post(`/v1/tickets/${id}/seen`)
  await ann.post('/v1/notifications/seen')
  await annHears.until((messages) => JSON.stringify(counted(messages)).includes('"unreadNotifications":0'))
  assert.equal(said(bobHears.messages), [`${id} 1`, `${id} 3`])
  assert.equal(said(carlaHears.messages), [])
  assert.is((await connect(setup, 'Ada Adler')).status, 403)
  for (const stream of [annHears, bobHears, sueHears, carlaHears]) stream.close()
})

live('clients of a killed server resume: nothing missed, nothing twice', async (setup) => {
  const expected: string[] = []
  const heard: string[] = []
  const drop = async (stream: EventStream, kill: boolean): Promise<string> => {
    if (kill) await setup.server.kill()
    else stream.close()
    await stream.ended
    heard.push(...said(stream.messages))
    return stream.lastId()
  }
  let stream = await connect(setup, 'Ann Archer')
  for (let round = 0; round < 6; round++) {
    const commands = Array.from({ length: 5 }, (_, n) =>
      as(setup, 'Bob Baker').post('/v1/tickets', { subject: `${round}/${n}`, description: 'x', category: 'other' }),
    )
    for (const answer of await Promise.all(commands)) expected.push(`${String(answer.body['id'])} 1`)
    // Killed with some messages received and some not.
    await stream.until((messages) => said(messages).length >= round % 4)
    const lastId = await drop(stream, round % 2 === 0)
    if (round % 2 === 0) setup.server = await startServer(setup.folder.path)
    const missed = await as(setup, 'Bob Baker').post('/v1/tickets', {
      subject: 'Missed',
      description: 'x',
      category: 'other',
    })
    expected.push(`${String(missed.body['id'])} 1`)
    stream = await connect(setup, 'Ann Archer', lastId)
  }
  await stream.until((messages) => heard.length + said(messages).length >= expected.length)
  await drop(stream, false)
  assert.is(heard.length, expected.length)
  assert.equal(heard.toSorted(), expected.toSorted())
})

live('a server that stops ends the connections', async (setup) => {
  const stream = await connect(setup, 'Ann Archer')
  await stream.until((messages) => messages.length > 0)
  assert.is(await setup.server.stop(), 0)
  await stream.ended
})

live.run()
