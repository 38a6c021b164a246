import { setTimeout as wait } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Customer } from '../../domain/actor.ts'
import { seededRandom } from '../support/arbitrary.ts'
import { callBy, right } from '../support/command-ports.ts'
import { mailerTo, mailHouse } from '../support/mail-setup.ts'
import { startMailServer, type Fate } from '../support/mail-server.ts'
import { sue } from '../support/people.ts'

const faults = suite('a mail server of the worst kind')

/** Mails, one to each recipient, a few of one ticket each. */
const count = 1_000
const perTicket = 4
const outages = 5
const underWay = 4

const people = Array.from({ length: count / perTicket }, (_, n): Customer => ({
  id: `c-${n}`,
  name: `Customer ${n}`,
  email: `c-${n}@acme.example`,
  role: 'customer',
  account: 'acme',
}))

faults(`${count} mails, refused, dropped, stalled, and the server away: each arrives, none is made twice`, async () => {
  const random = seededRandom()
  const integer = (below: number): number => Math.floor(random() * below)
  // A server that goes away may take with it the answer to each mail under way.
  let mayDouble = outages * underWay
  const fates: readonly Fate[] = [
    { refuse: 450, at: 'recipient' },
    { refuse: 421, at: 'recipient' },
    { refuse: 451, at: 'mail' },
    'drop',
    'take-and-drop',
  ]
  let stalls = 0
  const fate = (): Fate => {
    if (random() < 0.8) return 'take'
    // Each costs the mailer's whole patience.
    if (stalls < 20 && random() < 0.05) {
      stalls += 1
      return 'stall'
    }
    const chosen = fates[integer(fates.length)] ?? 'take'
    if (chosen === 'take-and-drop') mayDouble += 1
    return chosen
  }
  const server = await startMailServer({ fate })
  const house = await mailHouse({ attempts: 1_000 })
  try {
    let mailing = await house.begin(mailerTo(server.url()))
    const tickets = await Promise.all(
      people.map(async (person) => {
        const request = { type: 'open', subject: 'Dark', description: 'x', category: 'technical' } as const
        return right(await house.commands.open(callBy(person), request)()).id
      }),
    )
    const commenting = (async () => {
      for (let n = 0; n < perTicket; n++) {
        for (const ticket of tickets) {
          right(await house.commands.act(callBy(sue), ticket, { type: 'comment', body: `Number ${n}` })())
        }
      }
    })()
    for (let n = 0; n < outages; n++) {
      await wait(integer(200))
      await server.stop()
      await wait(integer(100))
      await server.start()
      await mailing.stop()
      mailing = await house.begin(mailerTo(server.url()))
    }
    await commenting
    await server.untilTaken(count)
    await mailing.stop()
    const ids = server.taken.map(({ messageId }) => messageId)
    assert.is(new Set(ids).size, count)
    assert.ok(ids.length - count <= mayDouble, `${ids.length - count} doubled, ${mayDouble} may be`)
    for (const { email } of people) {
      const own = server.taken.filter(({ to }) => to.includes(email))
      const said = new Set(own.map(({ raw }) => /Number \d/.exec(raw)?.[0]))
      assert.is(said.size, perTicket, email)
    }
  } finally {
    await house.close()
    await server.stop()
  }
})
faults.run()
