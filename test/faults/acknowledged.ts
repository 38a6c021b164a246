import * as assert from 'uvu/assert'
import type { StoredEvent } from '../../domain/event-log/event-store.ts'
import { clientOf, type Client } from '../support/client.ts'

/** Commands under load, each repeated under its key until it is acknowledged, and what was acknowledged. */
export interface Load {
  /** How many commands were acknowledged. */
  readonly acknowledged: () => number
  /** Resolves once every command under way is acknowledged; the last answers that were no acknowledgement are counted. */
  readonly stop: () => Promise<void>
  /** How often each status was answered; 0 stands for a connection that broke. */
  readonly statuses: ReadonlyMap<number, number>
  /** What is wrong with a log: commands that were acknowledged and are missing, or that are stored twice. */
  readonly check: (events: readonly StoredEvent[]) => readonly string[]
}

const pauseMs = 30
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, pauseMs))

/** The text that a command was sent with, which is in no other command. */
const textIn = ({ type, personal }: StoredEvent): string | undefined => {
  const parts: Readonly<Record<string, unknown>> = personal === null ? {} : JSON.parse(personal)
  const text = type === 'Opened' ? parts['subject'] : type === 'CommentAdded' ? parts['body'] : undefined
  return typeof text === 'string' ? text : undefined
}

/** Sends commands from several callers until stopped. `urlOf` is read for each request. */
export const startLoad = (urlOf: () => string, token: string, random: () => number, callers = 4): Load => {
  const ledger = new Map<string, { readonly ticket: string; readonly version: number }>()
  const statuses = new Map<number, number>()
  const tickets: string[] = []
  let stopped = false
  let sent = 0

  const acknowledge = async (send: (client: Client) => ReturnType<Client['post']>) => {
    for (;;) {
      const answer = await send(clientOf(urlOf(), token)).catch(() => null)
      const status = answer?.status ?? 0
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      if (answer !== null && status < 300) return answer.body
      assert.ok(status === 0 || status === 503, `a command was answered ${status}: ${JSON.stringify(answer?.body)}`)
      await pause()
    }
  }

  const caller = async (): Promise<void> => {
    while (!stopped) {
      const text = `command ${++sent}`
      const headers = { 'idempotency-key': text }
      const ticket = tickets[Math.floor(random() * tickets.length)]
      const opens = ticket === undefined || random() < 0.3
      const { id, version } = await acknowledge((client) =>
        opens
          ? client.post('/v1/tickets', { subject: text, description: 'x', category: 'other' }, headers)
          : client.post(`/v1/tickets/${ticket}/comments`, { body: text }, headers),
      )
      ledger.set(text, { ticket: String(id), version: Number(version) })
      if (opens) tickets.push(String(id))
    }
  }
  const running = Promise.all(Array.from({ length: callers }, caller))
  // Whoever stops the load gets it.
  running.catch(() => undefined)

  return {
    acknowledged: () => ledger.size,
    statuses,
    stop: async () => {
      stopped = true
      await running
    },
    check: (events) => {
      const stored = Map.groupBy(
        events.filter((event) => textIn(event) !== undefined),
        (event) => textIn(event) ?? '',
      )
      const doubled = [...stored].filter(([, found]) => found.length > 1).map(([text]) => `${text} is stored twice`)
      const missing = [...ledger]
        .filter(([text, { ticket, version }]) => {
          const [event] = stored.get(text) ?? []
          return event === undefined || event.stream !== `ticket-${ticket}` || event.version > version
        })
        .map(([text]) => `${text} was acknowledged and is not stored as its receipt says`)
      return [...doubled, ...missing]
    },
  }
}
