import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { clientOf, type Client } from '../support/client.ts'
import { demoToken } from '../support/demo.ts'
import { emptyLog, type ClusterPlace } from '../support/eventstoredb/place.ts'
import { listen, type EventStream } from '../support/event-stream.ts'
import { ledgerdesk, startServer, type RunningServer } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

type Folder = ReturnType<typeof temporaryFolder>

const moved = suite<{ place: ClusterPlace; here: Folder; back: Folder }>('live updates of a log that moves')
moved.before.each(async (context) => {
  context.place = await emptyLog()
  context.here = temporaryFolder()
  context.back = temporaryFolder()
})
moved.after.each(({ place, here, back }) => {
  place.close()
  here.remove()
  back.remove()
})

moved('an event id of another store is refused; one of the same log resumes', async (context) => {
  const { place, here, back } = context
  const token = await demoToken(here.path, 'Ann Archer')
  const headers = { Authorization: `Bearer ${token}` }
  const env = { LEDGERDESK_KEYS: `${here.path}/keys.json` }
  const expected: string[] = []
  const open = async (client: Client): Promise<void> => {
    const request = { subject: 'Dark', description: 'x', category: 'other' }
    expected.push(String((await client.post('/v1/tickets', request)).body['id']))
  }
  const heard = (stream: EventStream): readonly unknown[] =>
    stream.messages.filter(({ event }) => event === 'ticket').map(({ data }) => data['id'])
  /** Opens two tickets before a client connects without an id and one after; returns that client's last id. */
  const work = async (server: RunningServer): Promise<string> => {
    const client = clientOf(server.url, token)
    await open(client)
    await open(client)
    const stream = await listen(server.url, headers)
    await stream.until((messages) => messages.length > 0)
    await open(client)
    // The messages of the tickets before may still arrive.
    await stream.until(() => heard(stream).at(-1) === expected.at(-1))
    assert.is(await server.stop(), 0)
    await stream.ended
    return stream.lastId()
  }
  const copy = async (from: string, to: string): Promise<void> => {
    const { code, stderr } = await ledgerdesk('/nowhere', 'copy', '--from', from, '--to', to)
    assert.is(code, 0, stderr)
  }
  const refused = async (server: RunningServer, lastId: string): Promise<void> => {
    const stream = await listen(server.url, headers, lastId)
    assert.is(stream.status, 400, lastId)
  }

  const idNow = async (server: RunningServer): Promise<string> => {
    const stream = await listen(server.url, headers)
    await stream.until((messages) => messages.length > 0)
    stream.close()
    return stream.lastId()
  }

  const first = await work(await startServer(here.path, env))
  await copy(`sqlite:${here.path}`, place.connectionString)
  const cluster = await startServer(here.path, { ...env, LEDGERDESK_EVENT_STORE: place.connectionString })
  await refused(cluster, first)
  const [at = '', ...rest] = (await idNow(cluster)).split('.')
  await refused(cluster, [BigInt(at) + 1n, ...rest].join('.'))
  const second = await work(cluster)
  await copy(place.connectionString, `sqlite:${back.path}`)
  const home = await startServer(back.path, env)
  await refused(home, second)
  // The same events at the same positions: a client that was away misses nothing, and receives nothing twice.
  const whole = await listen(home.url, headers, first)
  await whole.until(() => heard(whole).length === 3)
  assert.equal(heard(whole), expected.slice(3))
  whole.close()
  await home.stop()
})

moved.run()
