import { setTimeout as wait } from 'node:timers/promises'
import type { Either } from 'fp-ts/lib/Either.js'
import type { Outbox, OutboxMail } from '../../adapters/mail/outbox.ts'
import type { Delivery, Mail, Mailer } from '../../domain/mail/mailer.ts'
import { backoff, type Backoff } from './backoff.ts'

export interface SendPorts {
  readonly outbox: Outbox
  readonly mailer: Mailer
  readonly compose: (mail: OutboxMail) => Promise<Either<Delivery, Mail>>
  /** Ms since 1970. */
  readonly now: () => number
  /** 0 to 1. */
  readonly random: () => number
  readonly log: {
    readonly info: (fields: object, message: string) => void
    readonly warn: (fields: object, message: string) => void
    readonly error: (fields: object, message: string) => void
  }
  readonly pace?: Pace
}

export interface Pace {
  /** After a mail was not taken. */
  readonly mail: Backoff
  /** After nothing could be sent at all. */
  readonly outage: Backoff
  /** A mail that was begun so often is set aside. */
  readonly attempts: number
  /** How often to look for mails whose time has come, in ms. */
  readonly pollMs: number
}

const seconds = 1_000
const hours = 3_600 * seconds

/** Forty attempts take about five days, as long as RFC 5321 asks for. */
const defaultPace: Pace = {
  mail: { firstMs: 30 * seconds, mostMs: 4 * hours },
  outage: { firstMs: seconds, mostMs: 300 * seconds },
  attempts: 40,
  pollMs: seconds,
}
/** So many mails are on their way at once. */
const width = 4

export interface Sending {
  /** Something is new in the outbox. */
  readonly wake: () => void
  /** Begins nothing more, and resolves when what is under way is over. */
  readonly stop: () => Promise<void>
}

/**
 * Sends what is in the outbox. Each mail fails for itself and the others go on; while nothing at all can be sent, one
 * attempt at a time finds out when that is over, and no mail's attempts are counted.
 */
export const startSending = (ports: SendPorts): Sending => {
  const { outbox, mailer, compose, now, random, log, pace = defaultPace } = ports
  const stopping = new AbortController()
  const sleepers = new Set<() => void>()
  const outage = { failures: 0, until: 0, probing: false }

  const wake = (): void => {
    for (const each of sleepers) each()
    sleepers.clear()
  }
  const rest = (ms: number): Promise<void> => wait(ms, undefined, { signal: stopping.signal }).catch(() => undefined)
  const pause = async (): Promise<void> => {
    const woken = new Promise<void>((resolve) => sleepers.add(resolve))
    const over = new AbortController()
    const late = wait(pace.pollMs, undefined, { signal: AbortSignal.any([over.signal, stopping.signal]) })
    await Promise.race([woken, late.catch(() => undefined)])
    over.abort()
  }

  /** What happened is written down before anything else is done, however long the disk refuses. */
  const record = async (write: () => void): Promise<void> => {
    while (true) {
      try {
        write()
        return
      } catch (err) {
        log.error({ err }, 'the outcome of a mail cannot be written down yet')
        if (stopping.signal.aborted) return
        await rest(seconds)
      }
    }
  }

  const reached = (): void => {
    if (outage.failures > 0) log.info({ after: outage.failures }, 'mails can be sent again')
    outage.failures = 0
  }
  const unreachable = (reason: string): void => {
    if (outage.failures === 0) log.warn({ reason }, 'no mail can be sent; it is tried again and again')
    outage.failures += 1
    outage.until = now() + backoff(pace.outage, outage.failures, random())
  }

  const settle = ({ messageId, ticket, attempts }: OutboxMail, delivery: Delivery): void => {
    const setAside = (reason: string): void => {
      outbox.setAside(messageId, reason, now())
      log.warn({ messageId, ticket, reason }, 'a mail was set aside')
    }
    switch (delivery.tag) {
      case 'Taken':
        return outbox.sent(messageId, 'sent', now())
      case 'Noted':
        return outbox.sent(messageId, 'noted', now())
      case 'Refused':
        return setAside(delivery.reason)
      case 'Unreachable':
        return outbox.untried(messageId, delivery.reason, now())
      case 'Deferred':
        if (attempts >= pace.attempts) return setAside(`after ${attempts} attempts: ${delivery.reason}`)
        return outbox.later(messageId, now() + backoff(pace.mail, attempts, random()), delivery.reason, now())
    }
  }

  const attempt = async (mail: OutboxMail): Promise<Delivery> => {
    // A process that this mail ended may try it so often, and no more.
    if (mail.attempts > pace.attempts) return { tag: 'Refused', reason: `begun ${pace.attempts} times, never ended` }
    const composed = await compose(mail)
    return composed._tag === 'Left' ? composed.left : mailer.send(composed.right)
  }

  const sendNext = async (): Promise<boolean> => {
    if (outage.failures > 0 && (outage.probing || now() < outage.until)) return false
    const mail = outbox.take(now())
    if (mail === undefined) return false
    outage.probing = outage.failures > 0
    const delivery = await attempt(mail).catch((err: unknown): Delivery => {
      log.error({ err, messageId: mail.messageId }, 'a mail broke')
      return { tag: 'Deferred', reason: String(err) }
    })
    await record(() => settle(mail, delivery))
    outage.probing = false
    if (delivery.tag === 'Unreachable') unreachable(delivery.reason)
    else if (delivery.tag === 'Taken' || delivery.tag === 'Noted') reached()
    return true
  }

  const work = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        if (!(await sendNext())) await pause()
      } catch (err) {
        log.error({ err }, 'the outbox cannot be read; it is tried again')
        await rest(seconds)
      }
    }
  }
  const working = Array.from({ length: width }, work)
  return {
    wake,
    stop: async () => {
      stopping.abort()
      await Promise.all(working)
    },
  }
}
