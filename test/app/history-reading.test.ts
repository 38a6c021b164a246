import { left, right as answered } from 'fp-ts/lib/Either.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createCommands } from '../../app/commands/commands.ts'
import type { Principal } from '../../domain/actor.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { decodeEvent } from '../../domain/event-log/decode-event.ts'
import { userStream } from '../../domain/ids.ts'
import { callBy, refused, right, testPorts } from '../support/command-ports.ts'
import { memoryEventStore } from '../support/memory-event-store.ts'
import { ann, eve, sue } from '../support/people.ts'
import { demoClient } from '../support/demo.ts'
import { personId, ticketId } from '../support/ids.ts'
import { ledgerdesk, startServer } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const ada: Principal = { id: personId('ada'), name: 'Ada Adler', email: 'ada@audit.example', role: 'auditor' }
const request = { type: 'open', subject: 'No picture', description: 'It is dark.', category: 'technical' } as const

const setup = async (store: EventStore = memoryEventStore()) => {
  const ports = testPorts(store)
  const commands = createCommands(ports)
  const { id } = right(await commands.open(callBy(ann), request)())
  const reads = async (person: string): Promise<unknown[]> =>
    right(await store.readStream(userStream(personId(person)))()).map((stored) => {
      const event = decodeEvent(stored)
      return event?.type === 'HistoryRead' ? [event.actor, event.data] : event?.type
    })
  return { commands, id, ports, reads }
}

const reading = suite('the reading of histories')

reading('an auditor’s is on record each time, with who, what and how far', async () => {
  const { commands, id, reads } = await setup()
  assert.is(right(await commands.history(callBy(ada), id)()).length, 1)
  right(await commands.act(callBy(sue), id, { type: 'take' })())
  assert.is(right(await commands.history(callBy(ada), id)()).length, 2)
  right(await commands.history(callBy(ada), id)())
  const actor = { id: 'ada', role: 'auditor' }
  assert.equal(await reads('ada'), [
    [actor, { ticket: id, version: 1 }],
    [actor, { ticket: id, version: 2 }],
    [actor, { ticket: id, version: 2 }],
  ])
})

reading('that of customers and support is not, and what is not there leaves nothing', async () => {
  const { commands, id, reads } = await setup()
  right(await commands.history(callBy(ann), id)())
  right(await commands.history(callBy(sue), id)())
  assert.is(refused(await commands.history(callBy(eve), id)()), 'NotFound')
  assert.is(refused(await commands.history(callBy(ada), ticketId('T-00000000'))()), 'NotFound')
  for (const person of ['ann', 'sue', 'eve', 'ada']) assert.equal(await reads(person), [])
})

reading('a hundred at once are all on record', async () => {
  const { commands, id, reads } = await setup()
  const histories = await Promise.all(Array.from({ length: 100 }, () => commands.history(callBy(ada), id)()))
  for (const each of histories) right(each)
  assert.is((await reads('ada')).length, 100)
})

reading('what cannot be recorded is not shown', async () => {
  const store = memoryEventStore()
  const full: EventStore = {
    ...store,
    append: (stream, expected, events) =>
      stream.startsWith('reader-') ? async () => left({ tag: 'StorageFull' }) : store.append(stream, expected, events),
  }
  const { commands, id } = await setup(full)
  assert.is(refused(await commands.history(callBy(ada), id)()), 'StorageFull')
  assert.equal((await commands.history(callBy(ann), id)())._tag, answered(0)._tag)
})

reading('over HTTP: the history in each form, and the ticket as it stood', async () => {
  const folder = temporaryFolder()
  const server = await startServer(folder.path)
  try {
    const as = (name: string) => demoClient(server, folder.path, name)
    const [customer, auditor] = [await as('Ann Archer'), await as('Ada Adler')]
    const opening = { subject: 'No picture', description: 'It is dark.', category: 'other' }
    const { id } = (await customer.post('/v1/tickets', opening)).body
    const path = `/v1/tickets/${id}`
    await auditor.get(path)
    for (const each of [`${path}/history`, `${path}?version=1`, `${path}?asOf=2100-01-01T00:00:00Z`]) {
      assert.is((await auditor.get(each)).status, 200, each)
    }
    assert.is((await auditor.fetch(`${path}/history`, { accept: 'application/x-ndjson' })).status, 200)
    const log = (await ledgerdesk(folder.path, 'export')).stdout.trim().split('\n')
    const reads = log.map((line) => JSON.parse(line)).filter(({ type }) => type === 'HistoryRead')
    assert.equal(
      reads.map(({ actor, data }) => [actor.name, data]),
      Array.from({ length: 4 }, () => ['Ada Adler', { ticket: id, version: 1 }]),
    )
  } finally {
    await server.stop()
    folder.remove()
  }
})

reading.run()
