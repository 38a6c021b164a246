import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { SMTPServer, type SMTPServerSession } from 'smtp-server'

/** What the server does with one mail. */
export type Fate =
  | 'take'
  /** Answers 4xx or 5xx to the recipient, or to the whole mail. */
  | { readonly refuse: number; readonly at: 'recipient' | 'mail' }
  /** Ends the connection while the mail is coming. */
  | 'drop'
  /** Takes the mail, and ends the connection before saying so. */
  | 'take-and-drop'
  /** Takes the mail, and never says so. */
  | 'take-and-stall'
  /** Says nothing any more. */
  | 'stall'

/** A mail that the server took. */
export interface Taken {
  readonly from: string
  readonly to: readonly string[]
  readonly raw: string
  readonly messageId: string
}

export interface MailServer {
  /** Of the server that is running now. */
  readonly url: () => string
  readonly taken: readonly Taken[]
  /** How many mails began to come. */
  readonly tried: () => number
  /** How often a client greeted it. */
  readonly greeted: () => number
  /** Resolves once that many mails of different ids were taken. */
  readonly untilTaken: (different: number) => Promise<void>
  /** Gone, with every connection. */
  readonly stop: () => Promise<void>
  /** Back, on the same port. */
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
  /** Asked once for each attempt, by recipient and how often it was tried. */
  readonly fate?: (recipient: string, attempt: number) => Fate
  /** Who may sign in; nobody must unless there is somebody. */
  readonly user?: { readonly name: string; readonly password: string }
}

/** A real SMTP server on a free port, as good or as bad as its mails' fates. */
export const startMailServer = async ({
  fate: fateOf = () => 'take',
  user,
}: MailServerOptions = {}): Promise<MailServer> => {
  const taken: Taken[] = []
  const attempts = new Map<string, number>()
  const fates = new Map<string, Fate>()
  const wakes = new Set<() => void>()
  let [port, greeted, tried] = [0, 0, 0]
  let server: SMTPServer | undefined

  const cut = (id: string): void => {
    for (const connection of server?.connections ?? []) {
      if (connection.session.id === id) connection._socket.destroy()
    }
  }
  const receive = async (
    stream: Readable,
    { id, envelope }: SMTPServerSession,
    fate: Fate,
    done: (refused?: Error | null) => void,
  ): Promise<void> => {
    const raw = await read(stream)
    if (fate === 'stall') return
    if (typeof fate === 'object') {
      done(new Refusal(fate.refuse))
      return
    }
    const { mailFrom, rcptTo } = envelope
    taken.push({
      from: mailFrom === false ? '' : mailFrom.address,
      to: rcptTo.map(({ address }) => address),
      raw,
      messageId: /^Message-ID: (.*)$/im.exec(raw)?.[1]?.trim() ?? '',
    })
    if (fate === 'take-and-drop') cut(id)
    else if (fate === 'take') done()
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
        greeted += 1
        done()
      },
      onAuth: ({ username, password }, _session, done) =>
        username === user?.name && password === user?.password
          ? done(null, { user: username })
          : done(new Error('wrong password')),
      onRcptTo: ({ address }, session, done) => {
        const attempt = (attempts.get(address) ?? 0) + 1
        attempts.set(address, attempt)
        const next = fateOf(address, attempt)
        fates.set(session.id, next)
        done(typeof next === 'object' && next.at === 'recipient' ? new Refusal(next.refuse) : null)
      },
      onData: (stream, session, done) => {
        tried += 1
        const next = fates.get(session.id) ?? 'take'
        if (next === 'drop') {
          stream.once('data', () => cut(session.id))
          return
        }
        // A mail that breaks off is not taken, and there is nobody left to tell.
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
    greeted: () => greeted,
    untilTaken: async (different) => {
      while (new Set(taken.map(({ messageId }) => messageId)).size < different) {
        await new Promise<void>((resolve) => wakes.add(resolve))
      }
    },
    stop: () => new Promise((resolve) => (server === undefined ? resolve() : server.close(() => resolve()))),
    start,
  }
}
