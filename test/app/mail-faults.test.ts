import { setTimeout as wait } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Customer } from '../../domain/actor.ts'
import type { Mailer } from '../../domain/mail/mailer.ts'
import { seededRandom } from '../support/arbitrary.ts'
import { callBy, right } from '../support/command-ports.ts'
import { accountId, personId } from '../support/ids.ts'
import { mailerTo, mailSetup } from '../support/mail-setup.ts'
import { startMailServer, type Handling } from '../support/mail-server.ts'
import { sue } from '../support/people.ts'

const faults = suite('a faulty mail server')

/** Mails, one to each recipient, a few of one ticket each. */
const count = 1_000
const perTicket = 4
const outages = 5
const mostStalls = 8
/** Each stall costs the mailer this timeout. A timeout that a busy machine causes only costs another attempt. */
const timeouts = { connectMs: 60_000, mailMs: 1_000 }

const people = Array.from({ length: count / perTicket }, (_, n): Customer => ({
  id: personId(`c-${n}`),
  name: `Customer ${n}`,
  email: `c-${n}@acme.example`,
  role: 'customer',
  account: accountId('acme'),
}))

/** Counts the attempts whose reply did not arrive: only their mails may have been taken all the same. */
const countingLostReplies = (mailer: Mailer, lostReplies: Map<string, number>): Mailer => ({
  ...mailer,
  send: async (mail) => {
    const delivery = await mailer.send(mail)
    const isReply =
      delivery.tag === 'Taken' || ('reason' in delivery && delivery.reason.includes('refused by the test'))
    if (!isReply) lostReplies.set(mail.messageId, (lostReplies.get(mail.messageId) ?? 0) + 1)
    return delivery
  },
})

faults(`${count} mails, refused, dropped, stalled, and the server away: each arrives, none is sent twice`, async () => {
  const random = seededRandom()
  const integer = (below: number): number => Math.floor(random() * below)
  const faulty: readonly Handling[] = [
    { refuse: 450, at: 'recipient' },
    { refuse: 421, at: 'recipient' },
    { refuse: 451, at: 'mail' },
    'drop',
    'take-and-drop',
  ]
  let stalls = 0
  const handle = (): Handling => {
    if (random() < 0.8) return 'take'
    if (stalls < mostStalls && random() < 0.05) {
      stalls += 1
      return 'stall'
    }
    return faulty[integer(faulty.length)] ?? 'take'
  }
  const server = await startMailServer({ handle })
  const setup = await mailSetup({ attempts: 1_000 })
  const lostReplies = new Map<string, number>()
  const mailer = (): Mailer => countingLostReplies(mailerTo(server.url(), timeouts), lostReplies)
  try {
    let mailing = await setup.begin(mailer())
    const tickets = await Promise.all(
      people.map(async (person) => {
        const request = { type: 'open', subject: 'Dark', description: 'x', category: 'technical' } as const
        return right(await setup.commands.open(callBy(person), request)()).id
      }),
    )
    const commenting = (async () => {
      for (let n = 0; n < perTicket; n++) {
        for (const ticket of tickets) {
          right(await setup.commands.act(callBy(sue), ticket, { type: 'comment', body: `Number ${n}` })())
        }
      }
    })()
    for (let n = 0; n < outages; n++) {
      await wait(integer(200))
      await server.stop()
      await wait(integer(100))
      await server.start()
      await mailing.stop()
      mailing = await setup.begin(mailer())
    }
    await commenting
    await server.untilTaken(count)
    await mailing.stop()
    const takenOf = Map.groupBy(server.taken, ({ messageId }) => messageId)
    assert.is(takenOf.size, count)
    for (const [messageId, taken] of takenOf) {
      const lost = lostReplies.get(messageId) ?? 0
      assert.ok(taken.length <= 1 + lost, `${messageId} was sent ${taken.length} times with ${lost} lost replies`)
    }
    for (const { email } of people) {
      const own = server.taken.filter(({ to }) => to.includes(email))
      const bodies = new Set(own.map(({ raw }) => /Number \d/.exec(raw)?.[0]))
      assert.is(bodies.size, perTicket, email)
    }
  } finally {
    await setup.close()
    await server.stop()
  }
})
faults.run()
