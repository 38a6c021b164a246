import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { Delivery, Mailer } from '../../domain/mail/mailer.ts'
import { formatMessage, type Message, type Sender } from './message.ts'

/** The mail server that mails are handed over to. */
export interface SmtpServer {
  readonly host: string
  readonly port: number
  /** TLS from the first byte; otherwise STARTTLS where the server offers it. */
  readonly secure: boolean
  /** A password is sent over TLS only, except to a loopback address. */
  readonly auth: { readonly user: string; readonly pass: string } | undefined
}

export interface SmtpOptions {
  readonly server: SmtpServer
  readonly from: Sender
  /** How long the server may be silent, in ms: while connecting, up to its greeting, and in the middle of a mail. */
  readonly timeouts?: { readonly connectMs: number; readonly mailMs: number }
}

/** RFC 5321, 4.5.3.2, allows ten minutes after the last byte; giving up sooner sends mails twice. */
const defaultTimeouts = { connectMs: 30_000, mailMs: 600_000 }
/** A connection is closed when nothing was sent over it for so long. */
const idleMs = 5_000
/** The reply with which a server also ends the session. */
const serviceClosing = 421
/** Some servers end a long session with an error. */
const mailsPerConnection = 100

const loopback = /^(localhost|127(\.\d{1,3}){3}|::1)$/

interface Connection {
  readonly smtp: SMTPConnection
  /** Rejects when the connection ends or fails, from either side. */
  readonly ended: Promise<never>
  mails: number
  idle?: NodeJS.Timeout
}

interface Failure extends Error {
  readonly responseCode?: number | undefined
}

const failureOf = (error: unknown): Failure => (error instanceof Error ? error : new Error(String(error)))

/** Issues an SMTP command; rejects where the server refuses it or the connection ends first. */
const command = ({ ended }: Connection, issue: (done: (error?: Error | null) => void) => void): Promise<void> =>
  Promise.race([ended, new Promise<void>((resolve, reject) => issue((error) => (error ? reject(error) : resolve())))])

const reasonOf = (error: unknown): string => failureOf(error).message.replaceAll(/\s+/g, ' ').slice(0, 500)

const refused = (error: unknown): Delivery => ({ tag: 'Refused', reason: reasonOf(error) })
const unreachable = (error: unknown): Delivery => ({ tag: 'Unreachable', reason: reasonOf(error) })

/**
 * What a failed attempt means. 5xx is permanent, except a wrong sequence of commands (503) and missing authentication
 * (53x), which are not the mail's fault. A connection that broke leaves the outcome unknown.
 */
const deliveryOf = (failure: Failure): Delivery => {
  const { responseCode = 0 } = failure
  if (responseCode >= 530 && responseCode < 540) return unreachable(failure)
  if (responseCode >= 500 && responseCode !== 503) return refused(failure)
  return { tag: 'Deferred', reason: reasonOf(failure) }
}

/**
 * A mailer over SMTP. It keeps connections open for a while; a connection is used again only after a plain reply to the
 * mail before.
 */
export const smtpMailer = ({ server, from, timeouts = defaultTimeouts }: SmtpOptions): Mailer => {
  const { host, port, secure, auth } = server
  const idle: Connection[] = []
  const open = new Set<Connection>()

  const drop = (connection: Connection): void => {
    clearTimeout(connection.idle)
    open.delete(connection)
    if (idle.includes(connection)) idle.splice(idle.indexOf(connection), 1)
    connection.smtp.close()
  }
  const quit = (connection: Connection): void => {
    connection.smtp.quit()
    drop(connection)
  }

  const connect = async (): Promise<Connection> => {
    const smtp = new SMTPConnection({
      host,
      port,
      secure,
      requireTLS: auth !== undefined && !secure && !loopback.test(host),
      connectionTimeout: timeouts.connectMs,
      greetingTimeout: timeouts.connectMs,
      dnsTimeout: timeouts.connectMs,
      socketTimeout: timeouts.mailMs,
    })
    const ended = new Promise<never>((_resolve, reject) => {
      smtp.on('error', reject)
      smtp.once('end', () => reject(new Error('the connection ended')))
    })
    ended.catch(() => undefined)
    const connection: Connection = { smtp, ended, mails: 0 }
    open.add(connection)
    smtp.once('end', () => drop(connection))
    try {
      await command(connection, (done) => smtp.connect(done))
      if (auth !== undefined) await command(connection, (done) => smtp.login(auth, done))
      return connection
    } catch (error) {
      drop(connection)
      throw error
    }
  }

  const keep = (connection: Connection): void => {
    connection.mails += 1
    if (connection.mails >= mailsPerConnection) return quit(connection)
    connection.idle = setTimeout(() => quit(connection), idleMs).unref()
    idle.push(connection)
  }

  /** An idle connection that still replies: the server may have closed it unnoticed. */
  const reused = async (): Promise<Connection | undefined> => {
    for (let connection = idle.pop(); connection !== undefined; connection = idle.pop()) {
      const { smtp } = connection
      clearTimeout(connection.idle)
      try {
        await command(connection, (done) => smtp.reset(done))
        return connection
      } catch {
        drop(connection)
      }
    }
    return undefined
  }

  const sendOver = async (connection: Connection, { envelope, bytes }: Message): Promise<Delivery> => {
    try {
      await command(connection, (done) => connection.smtp.send(envelope, bytes, done))
      keep(connection)
      return { tag: 'Taken' }
    } catch (error) {
      const failure = failureOf(error)
      if (failure.responseCode === undefined || failure.responseCode === serviceClosing) drop(connection)
      else keep(connection)
      return deliveryOf(failure)
    }
  }

  return {
    send: (mail) =>
      pipe(
        TE.tryCatch(() => formatMessage(from, mail), refused),
        TE.bindTo('message'),
        TE.bind('connection', () => TE.tryCatch(async () => (await reused()) ?? connect(), unreachable)),
        TE.flatMapTask(
          ({ connection, message }) =>
            () =>
              sendOver(connection, message),
        ),
        TE.toUnion,
      )(),
    close: () => {
      for (const connection of open) drop(connection)
    },
  }
}
