import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { SMTPServer, type SMTPServerSession } from 'smtp-server'

/** What the server does with one mail. */
export type Handling =
  | 'take'
  /** Replies 4xx or 5xx to the recipient, or to the whole mail. */
  | { readonly refuse: number; readonly at: 'recipient' | 'mail' }
  /** Ends the connection while the mail is being received. */
  | 'drop'
  /** Takes the mail, and ends the connection before the reply. */
  | 'take-and-drop'
  /** Takes the mail, and never replies. */
  | 'take-and-stall'
  /** Receives the mail, and neither takes it nor replies. */
  | 'stall'

/** A mail that the server took. */
export interface Taken {
  readonly from: string
  readonly to: readonly string[]
  readonly raw: string
  readonly messageId: string
}

export interface MailServer {
  /** The same after a restart. */
  readonly url: () => string
  readonly taken: readonly Taken[]
  /** How many mails the server began to receive. */
  readonly tried: () => number
  /** How many connections were made. */
  readonly connections: () => number
  /** Resolves once that many mails with different ids were taken. */
  readonly untilTaken: (different: number) => Promise<void>
  /** Stops listening, and cuts every connection. */
  readonly stop: () => Promise<void>
  /** Listens again, on the same port. */
  readonly start: () => Promise<void>
}

class Refusal extends Error {
  readonly responseCode: number
  constructor(responseCode: number) {
    super('refused by the test')
    this.responseCode = responseCode
  }
}

const read = async (stream: Readable): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

export interface MailServerOptions {
  /** Called once for each attempt, with the recipient and how many attempts there were for them. */
  readonly handle?: (recipient: string, attempt: number) => Handling
  /** Who must sign in; without it nobody has to. */
  readonly user?: { readonly name: string; readonly password: string }
}

/** A real SMTP server on a free port, which handles each mail as `handle` says. */
export const startMailServer = async ({ handle = () => 'take', user }: MailServerOptions = {}): Promise<MailServer> => {
  const taken: Taken[] = []
  const attempts = new Map<string, number>()
  const handlings = new Map<string, Handling>()
  const wakes = new Set<() => void>()
  let [port, connections, tried] = [0, 0, 0]
  let server: SMTPServer | undefined

  const cut = (id: string): void => {
    for (const connection of server?.connections ?? []) {
      if (connection.session.id === id) connection._socket.destroy()
    }
  }
  const receive = async (
    stream: Readable,
    { id, envelope }: SMTPServerSession,
    handling: Handling,
    done: (refused?: Error | null) => void,
  ): Promise<void> => {
    const raw = await read(stream)
    if (handling === 'stall') return
    if (typeof handling === 'object') {
      done(new Refusal(handling.refuse))
      return
    }
    const { mailFrom, rcptTo } = envelope
    taken.push({
      from: mailFrom === false ? '' : mailFrom.address,
      to: rcptTo.map(({ address }) => address),
      raw,
      messageId: /^Message-ID: (.*)$/im.exec(raw)?.[1]?.trim() ?? '',
    })
    if (handling === 'take-and-drop') cut(id)
    else if (handling === 'take') done()
    for (const wake of wakes) wake()
    wakes.clear()
  }
  const create = (): SMTPServer =>
    new SMTPServer({
      disabledCommands: ['STARTTLS', ...(user === undefined ? ['AUTH'] : [])],
      authOptional: user === undefined,
      allowInsecureAuth: true,
      closeTimeout: 1,
      onConnect: (_session, done) => {
        connections += 1
        done()
      },
      onAuth: ({ username, password }, _session, done) =>
        username === user?.name && password === user?.password
          ? done(null, { user: username })
          : done(new Error('wrong password')),
      onRcptTo: ({ address }, session, done) => {
        const attempt = (attempts.get(address) ?? 0) + 1
        attempts.set(address, attempt)
        const next = handle(address, attempt)
        handlings.set(session.id, next)
        done(typeof next === 'object' && next.at === 'recipient' ? new Refusal(next.refuse) : null)
      },
      onData: (stream, session, done) => {
        tried += 1
        const next = handlings.get(session.id) ?? 'take'
        if (next === 'drop') {
          stream.once('data', () => cut(session.id))
          return
        }
        // A mail that breaks off is not taken, and there is no connection to reply on.
        receive(stream, session, next, done).catch(() => undefined)
      },
    })
  const start = async (): Promise<void> => {
    server = create()
    server.on('error', () => undefined)
    const listening = server.listen(port, '127.0.0.1')
    await once(listening, 'listening')
    const address: AddressInfo | string | null = listening.address()
    port = typeof address === 'object' && address !== null ? address.port : port
  }
  await start()
  const login = user === undefined ? '' : `${encodeURIComponent(user.name)}:${encodeURIComponent(user.password)}@`
  return {
    url: () => `smtp://${login}127.0.0.1:${port}`,
    taken,
    tried: () => tried,
    connections: () => connections,
    untilTaken: async (different) => {
      while (new Set(taken.map(({ messageId }) => messageId)).size < different) {
        await new Promise<void>((resolve) => wakes.add(resolve))
      }
    },
    stop: () => new Promise((resolve) => (server === undefined ? resolve() : server.close(() => resolve()))),
    start,
  }
}
