import { left, type Either } from 'fp-ts/lib/Either.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createCommands } from '../../app/commands/commands.ts'
import type { Principal } from '../../domain/actor.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import type { Sha256 } from '../../domain/event-log/hash.ts'
import { ticketStream, type TicketId } from '../../domain/ids.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { kindsFor } from '../../domain/notification/kinds.ts'
import { sha256 } from '../../adapters/crypto.ts'
import { start } from '../../domain/event-log/envelope.ts'
import { callBy, refused, right, testPorts } from '../support/command-ports.ts'
import { accountId, eventId, personId, streamName, ticketId } from '../support/ids.ts'
import { memoryEventStore } from '../support/memory-event-store.ts'
import { ann, bob, eve, sue } from '../support/people.ts'

const robot: Principal = { id: personId('robot'), name: 'Robot', email: 'robot@acme.example', role: 'service' }
const ada: Principal = { id: personId('ada'), name: 'Ada Adler', email: 'ada@audit.example', role: 'auditor' }
const ira: Principal = { id: personId('ira'), name: 'Ira Ito', email: 'ira@analysis.example', role: 'analyst' }
const request = { type: 'open', subject: 'No picture', description: 'It is dark.', category: 'technical' } as const
const comment = { type: 'comment', body: 'Any update?' } as const

const setup = () => {
  const store = memoryEventStore()
  const ports = testPorts(store)
  return { store, ports, commands: createCommands(ports) }
}

const keys = suite('idempotency keys')

keys('the same key and body answers as the first time and adds nothing', async () => {
  const { commands, store } = setup()
  const call = callBy(ann, { idempotencyKey: 'k1' })
  const first = right(await commands.open(call, request)())
  right(await commands.act(callBy(sue), first.id, comment)())
  assert.equal(right(await commands.open(call, request)()), first)
  assert.is(right(await store.readStream(ticketStream(first.id))()).length, 3)
})

keys('the same key with another body is refused', async () => {
  const { commands } = setup()
  const call = callBy(ann, { idempotencyKey: 'k1' })
  right(await commands.open(call, request)())
  assert.is(refused(await commands.open(call, { ...request, subject: 'Other' })()), 'IdempotencyMismatch')
})

keys('a key is its caller’s own, and another for each ticket and for opening', async () => {
  const { commands } = setup()
  const one = right(await commands.open(callBy(ann, { idempotencyKey: 'k' }), request)())
  const two = right(await commands.open(callBy(bob, { idempotencyKey: 'k' }), request)())
  assert.is.not(one.id, two.id)
  assert.is(right(await commands.act(callBy(ann, { idempotencyKey: 'k' }), one.id, comment)()).version, 2)
  assert.is(right(await commands.act(callBy(ann, { idempotencyKey: 'k' }), two.id, comment)()).version, 2)
  assert.is(right(await commands.act(callBy(ann, { idempotencyKey: 'k' }), one.id, comment)()).version, 2)
})

keys('twenty opens at once with one key make one ticket', async () => {
  const { commands, store } = setup()
  const call = callBy(ann, { idempotencyKey: 'k1' })
  const receipts = (await Promise.all(Array.from({ length: 20 }, () => commands.open(call, request)()))).map(right)
  assert.is(new Set(receipts.map((receipt) => JSON.stringify(receipt))).size, 1)
  assert.is(right(await store.readLog(start, 100)()).length, 1)
})

keys('a command that was refused leaves no trace and is decided again', async () => {
  const { commands } = setup()
  const { id } = right(await commands.open(callBy(ann), request)())
  right(await commands.act(callBy(ann), id, { type: 'close' })())
  const call = callBy(ann, { idempotencyKey: 'k1' })
  assert.is(refused(await commands.act(call, id, comment)()), 'TicketClosed')
  right(await commands.act(callBy(ann), id, { type: 'reopen', body: 'Again' })())
  assert.is(right(await commands.act(call, id, comment)()).version, 5)
})

keys('an answer repeated after later events is the first answer', async () => {
  const { commands } = setup()
  const { id } = right(await commands.open(callBy(ann), request)())
  const call = callBy(sue, { idempotencyKey: 'k1' })
  const first = right(await commands.act(call, id, { type: 'take' })())
  right(await commands.act(callBy(ann), id, { type: 'close' })())
  assert.equal(right(await commands.act(call, id, { type: 'take' })()), first)
  assert.is(first.status, 'in_progress')
})

keys('ids that collide move on to the next candidate, and find their own ticket again', async () => {
  const { store } = setup()
  const ports = testPorts(store)
  // Every first candidate of every caller is the same id.
  const colliding: Sha256 = (content) =>
    typeof content === 'string' && /^\["ticket",.*"0"\]$/.test(content) ? '0'.repeat(64) : sha256(content)
  const commands = createCommands({ ...ports, sha256: colliding })
  const one = right(await commands.open(callBy(ann, { idempotencyKey: 'k' }), request)())
  const two = right(await commands.open(callBy(eve, { idempotencyKey: 'k' }), request)())
  assert.is(one.id, 'T-00000000')
  assert.is.not(two.id, one.id)
  assert.equal(right(await commands.open(callBy(eve, { idempotencyKey: 'k' }), request)()), two)
})

keys.run()

const order = suite('the order of checks')

order('what the caller may not know of is not found, whatever else is wrong', async () => {
  const { commands } = setup()
  const { id } = right(await commands.open(callBy(ann), request)())
  assert.is(refused(await commands.act(callBy(eve), id, { type: 'take' })()), 'NotFound')
  assert.is(refused(await commands.act(callBy(eve), id, { ...comment, thenStatus: 'closed' })()), 'NotFound')
  assert.is(refused(await commands.act(callBy(eve), ticketId('T-00000000'), comment)()), 'NotFound')
  assert.is(refused(await commands.stream(eve, id)()), 'NotFound')
  assert.is(refused(await commands.seen(callBy(eve), id)()), 'NotFound')
})

order('a customer gets no for what is support’s, on an own ticket', async () => {
  const { commands } = setup()
  const { id } = right(await commands.open(callBy(ann), request)())
  for (const wrong of [
    { type: 'take' },
    { type: 'status', status: 'in_progress' },
    { type: 'assign', assignee: { id: personId('sue'), name: 'Sue', email: 's@x.example' } },
    { ...comment, thenStatus: 'closed' },
  ] as const) {
    assert.is(refused(await commands.act(callBy(ann), id, wrong)()), 'Forbidden')
  }
  const requester = { id: personId('bob'), name: 'Bob', email: 'b@x.example', account: accountId('acme') }
  assert.is(refused(await commands.open(callBy(ann), { ...request, requester })()), 'Forbidden')
  assert.is(refused(await commands.open(callBy(sue), request)()), 'Invalid')
  assert.is(refused(await commands.open(callBy(ada), request)()), 'Forbidden')
})

order('If-Match: a ticket that moved on is a conflict, unless the key was issued before', async () => {
  const { commands } = setup()
  const { id, version } = right(await commands.open(callBy(ann), request)())
  const call = callBy(ann, { ifVersion: version, idempotencyKey: 'k' })
  const first = right(await commands.act(call, id, comment)())
  assert.equal(right(await commands.act(call, id, comment)()), first)
  const late = await commands.act(callBy(ann, { ifVersion: version }), id, comment)()
  assert.equal(late, { _tag: 'Left', left: { tag: 'VersionConflict', actual: 2 } })
})

order('files: too many, twice the same, and unknown ones', async () => {
  const { commands } = setup()
  const eleven = Array.from({ length: 11 }, (_, n) => `f${n}`)
  assert.is(refused(await commands.open(callBy(ann), { ...request, attachments: eleven })()), 'TooManyFiles')
  assert.is(refused(await commands.open(callBy(ann), { ...request, attachments: ['f', 'f'] })()), 'Invalid')
  assert.is(refused(await commands.open(callBy(ann), { ...request, attachments: ['f'] })()), 'UnknownFile')
})

order('a category that is unknown or retired, an assignee who is not support, an empty comment', async () => {
  const { commands } = setup()
  assert.is(refused(await commands.open(callBy(ann), { ...request, category: 'fax' })()), 'Invalid')
  assert.is(refused(await commands.open(callBy(ann), { ...request, category: 'x' })()), 'Invalid')
  const { id } = right(await commands.open(callBy(ann), request)())
  assert.is(refused(await commands.act(callBy(ann), id, { type: 'comment' })()), 'Invalid')
  const assignee = { id: personId('ann'), name: 'Ann', email: 'ann@acme.example' }
  assert.is(refused(await commands.act(callBy(sue), id, { type: 'assign', assignee })()), 'NotSupport')
})

order.run()

order('what another account asks of a ticket costs what an absent one does, however long the ticket is', async () => {
  const store = memoryEventStore()
  const reads: unknown[] = []
  const watched: EventStore = {
    ...store,
    readStream: (stream, options) => {
      if (stream.startsWith('ticket-')) reads.push(options)
      return store.readStream(stream, options)
    },
  }
  const commands = createCommands(testPorts(watched))
  const { id } = right(await commands.open(callBy(ann), request)())
  for (let n = 0; n < 10; n++) right(await commands.act(callBy(ann), id, comment)())
  const ofEve: readonly ((ticket: TicketId) => Promise<Either<Refusal, unknown>>)[] = [
    (ticket: TicketId) => commands.act(callBy(eve), ticket, comment)(),
    (ticket: TicketId) => commands.seen(callBy(eve), ticket)(),
    (ticket: TicketId) => commands.history(callBy(eve), ticket)(),
    (ticket: TicketId) => commands.stream(eve, ticket)(),
  ]
  for (const ask of ofEve) {
    for (const ticket of [id, ticketId('T-00000000')]) {
      reads.length = 0
      assert.equal(await ask(ticket), left({ tag: 'NotFound' }))
      assert.equal(reads, [{ limit: 1 }])
    }
  }
  reads.length = 0
  right(await commands.seen(callBy(ann), id)())
  assert.equal(reads, [{ limit: 1 }, { direction: 'backwards', limit: 1 }], 'a reading mark needs the ends alone')
})

const services = suite('services')

services('act for a person, and both are recorded', async () => {
  const { commands } = setup()
  const { id } = right(await commands.open(callBy(robot), { ...request, onBehalfOf: ann })())
  const [opened] = right(await commands.stream(ann, id)())
  assert.equal(opened?.actor, { id: 'ann', role: 'customer', account: 'acme' })
  assert.equal(opened?.via, { id: 'robot', role: 'service' })
})

services('must say for whom, stay in their account, and are the only ones who may', async () => {
  const { commands } = setup()
  const bound: Principal = { ...robot, account: accountId('evil') }
  assert.is(refused(await commands.open(callBy(robot), request)()), 'Invalid')
  assert.is(refused(await commands.open(callBy(bound), { ...request, onBehalfOf: ann })()), 'Forbidden')
  assert.is(refused(await commands.open(callBy(ann), { ...request, onBehalfOf: ann })()), 'Forbidden')
  const { id } = right(await commands.open(callBy(ann), request)())
  assert.is(refused(await commands.act(callBy(robot), id, { ...comment, onBehalfOf: eve })()), 'NotFound')
})

services.run()

const racing = suite('conflicts and clocks')

racing('comments and closes at once: each is decided on what stands', async () => {
  const { commands } = setup()
  const { id } = right(await commands.open(callBy(ann), request)())
  const outcomes = await Promise.all([
    ...Array.from({ length: 5 }, () => commands.act(callBy(ann), id, comment)()),
    commands.act(callBy(bob), id, { type: 'close' })(),
  ])
  const events = right(await commands.stream(ann, id)())
  const closedAt = events.findIndex((event) => event.type === 'Closed')
  assert.is(events.slice(closedAt + 1).length, 0)
  const accepted = outcomes.slice(0, 5).filter((outcome) => outcome._tag === 'Right').length
  assert.is(events.filter((event) => event.type === 'CommentAdded').length, accepted)
})

racing('a clock that jumps back does not move a stream’s times back', async () => {
  const { commands, ports } = setup()
  const { id } = right(await commands.open(callBy(ann), request)())
  ports.setTime('2025-01-01T00:00:00.000Z')
  right(await commands.act(callBy(ann), id, comment)())
  const [first, second] = right(await commands.stream(ann, id)())
  assert.is(second?.occurredAt, first?.occurredAt)
  assert.is(second?.recordedAt, '2025-01-01T00:00:00.000Z')
})

racing('a command that changes nothing answers with the ticket as it stands', async () => {
  const { commands, store } = setup()
  const { id } = right(await commands.open(callBy(ann), request)())
  const closed = right(await commands.act(callBy(ann), id, { type: 'close' })())
  assert.equal(right(await commands.act(callBy(bob), id, { type: 'close' })()), closed)
  assert.is(right(await store.readLog(start, 10)()).length, 2)
})

racing.run()

const users = suite('user streams')

users('a person is recorded once, and again under a new name', async () => {
  const { commands, store } = setup()
  right(await commands.signIn(callBy(ann))())
  right(await commands.signIn(callBy(ann))())
  right(await commands.signIn(callBy({ ...ann, name: 'Ann Baker' }))())
  assert.is(right(await store.readStream(streamName('reader-ann'))()).length, 2)
})

users('a session ends once, of any role, and a person’s first request is recorded before it', async () => {
  const { commands, store } = setup()
  const typesOf = async (id: string) =>
    right(await store.readStream(streamName(`reader-${id}`))()).map(({ type }) => type)
  right(await commands.signOut(callBy(ann), { session: 'a' })())
  right(await commands.signOut(callBy(ann), { session: 'b' })())
  right(await commands.signOut(callBy(ann), { session: 'a' })())
  assert.equal(await typesOf('ann'), ['SignedIn', 'SignedOut', 'SignedOut'])
  right(await commands.signOut(callBy(ada), { session: 'c' })())
  right(await commands.signOut(callBy(ada), { session: 'c' })())
  assert.equal(await typesOf('ada'), ['SignedOut'])
  right(await commands.signOut(callBy(ira), { session: 'd' })())
  assert.equal(await typesOf('ira'), ['SignedOut'])
})

users('looking twice at the same version is one fact, and never beyond what is there', async () => {
  const { commands, store } = setup()
  const { id } = right(await commands.open(callBy(ann), request)())
  right(await commands.seen(callBy(ann), id, 99)())
  right(await commands.seen(callBy(ann), id)())
  const stored = right(await store.readStream(streamName('reader-ann'))())
  assert.equal(
    stored.map((event) => JSON.parse(event.data)),
    [{ ticket: id, version: 1 }],
  )
})

const dataOf = async (store: ReturnType<typeof memoryEventStore>, stream: string) =>
  right(await store.readStream(streamName(stream))()).map((event) => JSON.parse(event.data))

users('notifications are seen up to one, or all', async () => {
  const { commands, store } = setup()
  right(await commands.seeNotifications(callBy(ann), eventId('n-1'))())
  right(await commands.seeNotifications(callBy(ann), eventId('n-1'))())
  right(await commands.seeNotifications(callBy(ann))())
  assert.equal(await dataOf(store, 'reader-ann'), [{ upTo: 'n-1' }, {}])
  assert.is(refused(await commands.seeNotifications(callBy(ada))()), 'Forbidden')
})

users('choosing what stands already is no fact, however much was read since', async () => {
  const { commands, store } = setup()
  const choose = async (mail: { readonly closed_by_support?: boolean }) =>
    right(await commands.prefer(callBy(ann), mail)())
  await choose({})
  await choose({ closed_by_support: false })
  right(await commands.seeNotifications(callBy(ann), eventId('n-1'))())
  await choose({ closed_by_support: false })
  await choose({})
  assert.equal(await dataOf(store, 'reader-ann'), [
    { mail: { closed_by_support: false } },
    { upTo: 'n-1' },
    { mail: {} },
  ])
  for (let n = 0; n < 200; n++) right(await commands.seeNotifications(callBy(ann), eventId(`n-${n}`))())
  await choose({})
  assert.equal((await dataOf(store, 'reader-ann')).at(-1), { mail: {} }, 'too far back to be sure of')
  assert.is(refused(await commands.prefer(callBy(ada), {})()), 'Forbidden')
})

users('a mail’s link ends its kinds and nothing else, once, however long ago the rest was chosen', async () => {
  const { commands, store } = setup()
  right(await commands.prefer(callBy(ann), { closed_by_support: false, reopened: true })())
  for (let n = 0; n < 300; n++) right(await commands.seeNotifications(callBy(ann), eventId(`n-${n}`))())
  for (const _ of ['once', 'again']) right(await commands.unsubscribe(callBy(ann), ['support_commented', 'reopened'])())
  right(await commands.unsubscribe(callBy(ann), ['closed_by_support'])())
  const facts = await dataOf(store, 'reader-ann')
  assert.is(facts.length, 302)
  assert.equal(facts.at(-1), { mail: { closed_by_support: false, reopened: false, support_commented: false } })
  right(await commands.unsubscribe(callBy(sue), ['new_ticket'])())
  assert.equal(await dataOf(store, 'reader-sue'), [], 'which support does not get unless they ask for it')
})

users('who ends all mails without ever having been here signs in for the first time later', async () => {
  const { commands, store } = setup()
  for (const kind of kindsFor('customer')) right(await commands.unsubscribe(callBy(ann), [kind])())
  for (const _ of ['first', 'second']) right(await commands.signIn(callBy(ann))())
  const types = right(await store.readStream(streamName('reader-ann'))()).map(({ type }) => type)
  assert.equal(types, [...Array.from({ length: 4 }, () => 'PreferencesSet'), 'SignedIn'])
})

users.run()
