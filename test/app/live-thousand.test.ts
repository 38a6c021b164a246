import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { demoIdentityIn } from '../support/demo.ts'
import { clientOf } from '../support/client.ts'
import { listen, type EventStream } from '../support/event-stream.ts'
import { accountId, personId } from '../support/ids.ts'
import { startServer } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const streams = 1_000
/** The most memory that so many connections may take, in MB. */
const budget = 100

const thousand = suite('a thousand live streams on one process')

const residentMb = async (pid: number | undefined): Promise<number> => {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)])
  return Number(stdout) / 1_024
}

thousand(`${streams} people of one account are connected within ${budget} MB, and all receive the same`, async () => {
  const folder = temporaryFolder()
  const server = await startServer(folder.path)
  const open: EventStream[] = []
  try {
    const identity = demoIdentityIn(folder.path)
    const tokenOf = (id: string): Promise<string> =>
      identity.issue(
        {
          id: personId(id),
          name: `Person ${id}`,
          email: `${id}@acme.example`,
          role: 'customer',
          account: accountId('acme'),
        },
        3_600,
      )
    const speaker = clientOf(server.url, await tokenOf('p-0'))
    const say = async (n: number): Promise<void> => {
      const request = { subject: `Number ${n}`, description: 'x', category: 'other' }
      assert.is((await speaker.post('/v1/tickets', request)).status, 201)
    }
    for (let n = 0; n < 200; n++) await say(n)
    const before = await residentMb(server.process.pid)
    for (let n = 0; n < streams; n += 50) {
      const some = Array.from({ length: 50 }, async (_, index) =>
        listen(server.url, { Authorization: `Bearer ${await tokenOf(`p-${n + index}`)}` }),
      )
      open.push(...(await Promise.all(some)))
    }
    await Promise.all(open.map((stream) => stream.until((messages) => messages.length > 0)))
    for (let n = 0; n < 20; n++) await say(n)
    const heard = (stream: EventStream): readonly string[] =>
      stream.messages.flatMap(({ event, data }) => (event === 'ticket' ? [String(data['id'])] : []))
    await Promise.all(
      open.map((stream) =>
        stream.until((messages) => messages.filter(({ event }) => event === 'ticket').length === 20),
      ),
    )
    const [first] = open
    for (const stream of open) assert.equal(heard(stream), first === undefined ? [] : heard(first))
    const cost = (await residentMb(server.process.pid)) - before
    console.log(`\nmeasured: ${cost.toFixed(0)} MB for ${streams} streams`)
    assert.ok(cost < budget, `${cost} MB`)
  } finally {
    for (const stream of open) stream.close()
    await server.stop()
    folder.remove()
  }
})

thousand.run()
