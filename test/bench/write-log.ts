import { systemPorts } from '../../app/system.ts'
import type { Actor } from '../../domain/actor.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { emptyStream, sealEvents, type StreamHead } from '../../domain/event-log/seal-events.ts'
import type { DomainEvent } from '../../domain/event-log/event-types.ts'
import { userStream, ticketStream, type StreamName } from '../../domain/ids.ts'
import { personId, commandId } from '../support/ids.ts'
import { began, customerOf, openedBy, ticketOf } from './opened-tickets.ts'

const seal = sealEvents(systemPorts.sha256, () => '0'.repeat(32))

/** So many tickets interleave: two events of one ticket are so many events apart in the log. */
const interleaved = 1_000
const eventsOfTicket = 5

const agentOf = (n: number): Actor => ({
  id: personId(`agent-${n % 40}`),
  name: `Agent ${n % 40}`,
  email: `agent-${n % 40}@support.example`,
  role: 'support',
})

type Step = readonly [actor: Actor, event: DomainEvent]

/** A ticket that is opened, taken, commented twice and closed. */
const lifeOf = (n: number, accounts: number, text: string): readonly Step[] => {
  const [customer, agent] = [customerOf(n, accounts), agentOf(n)]
  const assignee = { name: agent.name, email: agent.email }
  return [
    [customer, openedBy(customer, n, text)],
    [
      agent,
      {
        type: 'StatusChanged',
        data: { from: 'open', to: 'in_progress', cause: 'taken', assignee: { id: agent.id } },
        personal: { assignee },
      },
    ],
    [agent, { type: 'CommentAdded', data: {}, personal: { body: `Since when is that? ${text.slice(0, 80)}` } }],
    [customer, { type: 'CommentAdded', data: {}, personal: { body: `Since this morning. ${text.slice(80, 160)}` } }],
    [agent, { type: 'Closed', data: {}, personal: {} }],
  ]
}

/** Writes about so many events, five per ticket, ticket n in account n modulo `accounts`. */
export const writeLog = async (
  store: EventStore,
  texts: readonly string[],
  accounts: number,
  events: number,
): Promise<void> => {
  const put = async (
    stream: StreamName,
    head: StreamHead,
    seconds: number,
    [actor, event]: Step,
  ): Promise<StreamHead> => {
    const at = new Date(began + seconds * 1_000).toISOString()
    const command = commandId(`c-${stream}-${head.version}`)
    const context = { actor, commandId: command, correlationId: 'c', fingerprint: '', occurredAt: at, recordedAt: at }
    const sealed = seal(stream, head, context, [event])
    const appended = await store.append(stream, head.version, sealed)()
    if (appended._tag === 'Left') throw new Error(appended.left.tag)
    return { version: appended.right.version, hash: sealed.at(-1)?.hash ?? '' }
  }
  const people = [
    ...Array.from({ length: accounts * 3 }, (_, n) => customerOf(n, accounts)),
    ...Array.from({ length: 40 }, (_, n) => agentOf(n)),
  ]
  const known = new Map(people.map((person) => [person.id, person]))
  for (const person of known.values()) {
    await put(userStream(person.id), emptyStream, 0, [person, { type: 'SignedIn', data: {}, personal: {} }])
  }
  const tickets = Math.floor(events / eventsOfTicket)
  for (let from = 0; from < tickets; from += interleaved) {
    const lives = Array.from({ length: Math.min(interleaved, tickets - from) }, (_, n) =>
      lifeOf(from + n, accounts, texts[(from + n) % texts.length] ?? ''),
    )
    let heads: StreamHead[] = lives.map(() => emptyStream)
    for (let step = 0; step < eventsOfTicket; step++) {
      heads = await Promise.all(
        lives.map((life, n) => {
          const next = life[step]
          const head = heads[n]
          if (next === undefined || head === undefined) throw new Error('a ticket has too few events')
          return put(ticketStream(ticketOf(from + n)), head, from + n + step * interleaved, next)
        }),
      )
    }
  }
}
