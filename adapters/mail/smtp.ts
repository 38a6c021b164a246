import SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { Delivery, Mail, Mailer } from '../../domain/mail/mailer.ts'
import { compose, type Message, type Sender } from './message.ts'

/** Where mails are handed over. */
export interface SmtpServer {
  readonly host: string
  readonly port: number
  /** TLS from the first byte; otherwise STARTTLS where the server offers it. */
  readonly secure: boolean
  /** A password is sent over TLS only, but on this machine itself. */
  readonly auth: { readonly user: string; readonly pass: string } | undefined
}

export interface SmtpOptions {
  readonly server: SmtpServer
  readonly from: Sender
  /** How long the server may be silent, in ms: to connect and greet, and in the middle of a mail. */
  readonly patience?: { readonly connectMs: number; readonly mailMs: number }
}

/** RFC 5321, 4.5.3.2, allows ten minutes after the last byte; whoever gives up sooner doubles mails. */
const defaultPatience = { connectMs: 30_000, mailMs: 600_000 }
/** A connection that nothing was sent over for so long is closed. */
const idleMs = 5_000
/** The answer of a server that ends the session with it. */
const closing = 421
/** Some servers answer a long session with an error. */
const mailsPerConnection = 100

const loopback = /^(localhost|127(\.\d{1,3}){3}|::1)$/

interface Line {
  readonly connection: SMTPConnection
  /** Rejects when it ends or fails, whoever ended it. */
  readonly ended: Promise<never>
  used: number
  idle?: NodeJS.Timeout
}

interface Failure extends Error {
  readonly responseCode?: number | undefined
}

/** Asks the server something; an end of the connection is an answer too. */
const asked = ({ ended }: Line, ask: (done: (error?: Error | null) => void) => void): Promise<void> =>
  Promise.race([ended, new Promise<void>((resolve, reject) => ask((error) => (error ? reject(error) : resolve())))])

const reasonOf = ({ message }: Error): string => message.replaceAll(/\s+/g, ' ').slice(0, 500)

/** 5xx is for good; that the sequence was wrong (503) or that a password is missing (53x) is not the mail's fault. */
const outcomeOf = (failure: Failure): Delivery => {
  const { responseCode = 0 } = failure
  const reason = reasonOf(failure)
  if (responseCode >= 530 && responseCode < 540) return { tag: 'Unreachable', reason }
  return responseCode >= 500 && responseCode !== 503 ? { tag: 'Refused', reason } : { tag: 'Deferred', reason }
}

/** Sends over SMTP. Connections are kept for a while; a connection is used again only after a plain answer. */
export const smtpMailer = ({ server, from, patience = defaultPatience }: SmtpOptions): Mailer => {
  const { host, port, secure, auth } = server
  const idle: Line[] = []
  const open = new Set<Line>()

  const drop = (line: Line): void => {
    clearTimeout(line.idle)
    open.delete(line)
    if (idle.includes(line)) idle.splice(idle.indexOf(line), 1)
    line.connection.close()
  }
  const quit = (line: Line): void => {
    line.connection.quit()
    drop(line)
  }

  const connect = async (): Promise<Line> => {
    const connection = new SMTPConnection({
      host,
      port,
      secure,
      requireTLS: auth !== undefined && !secure && !loopback.test(host),
      connectionTimeout: patience.connectMs,
      greetingTimeout: patience.connectMs,
      dnsTimeout: patience.connectMs,
      socketTimeout: patience.mailMs,
    })
    const ended = new Promise<never>((_resolve, reject) => {
      connection.on('error', reject)
      connection.once('end', () => reject(new Error('the connection ended')))
    })
    ended.catch(() => undefined)
    const line: Line = { connection, ended, used: 0 }
    open.add(line)
    connection.once('end', () => drop(line))
    try {
      await asked(line, (done) => connection.connect(done))
      if (auth !== undefined) await asked(line, (done) => connection.login(auth, done))
      return line
    } catch (error) {
      drop(line)
      throw error
    }
  }

  const keep = (line: Line): void => {
    line.used += 1
    if (line.used >= mailsPerConnection) return quit(line)
    line.idle = setTimeout(() => quit(line), idleMs).unref()
    idle.push(line)
  }

  /** A connection that lay idle and still answers: it may have ended without our hearing of it. */
  const kept = async (): Promise<Line | undefined> => {
    for (let line = idle.pop(); line !== undefined; line = idle.pop()) {
      const { connection } = line
      clearTimeout(line.idle)
      try {
        await asked(line, (done) => connection.reset(done))
        return line
      } catch {
        drop(line)
      }
    }
    return undefined
  }

  const sendOver = async (line: Line, { envelope, bytes }: Message): Promise<Failure | null> => {
    try {
      await asked(line, (done) => line.connection.send(envelope, bytes, done))
      keep(line)
      return null
    } catch (error) {
      const failure: Failure = error instanceof Error ? error : new Error(String(error))
      if (failure.responseCode === undefined || failure.responseCode === closing) drop(line)
      else keep(line)
      return failure
    }
  }

  const deliver = async (message: Message): Promise<Delivery> => {
    let line: Line
    try {
      line = (await kept()) ?? (await connect())
    } catch (error) {
      return { tag: 'Unreachable', reason: reasonOf(error instanceof Error ? error : new Error(String(error))) }
    }
    const failure = await sendOver(line, message)
    return failure === null ? { tag: 'Taken' } : outcomeOf(failure)
  }

  return {
    send: async (mail: Mail) => {
      let message: Message
      try {
        message = await compose(from, mail)
      } catch (error) {
        return { tag: 'Refused', reason: reasonOf(error instanceof Error ? error : new Error(String(error))) }
      }
      return deliver(message)
    },
    close: () => {
      for (const line of open) drop(line)
    },
  }
}
