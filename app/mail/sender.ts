import { setTimeout as wait } from 'node:timers/promises'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Outbox, OutboxMail } from '../../adapters/mail/outbox.ts'
import type { Clock } from '../../domain/clock.ts'
import type { Delivery, Mail, Mailer } from '../../domain/mail/mailer.ts'

export interface MailLog {
  readonly info: (fields: object, message: string) => void
  readonly warn: (fields: object, message: string) => void
  readonly error: (fields: object, message: string) => void
}

export interface SenderPorts {
  readonly outbox: Outbox
  readonly mailer: Mailer
  readonly compose: (mail: OutboxMail) => TE.TaskEither<Delivery, Mail>
  readonly clock: Clock
  /** A number in [0, 1). */
  readonly random: () => number
  readonly log: MailLog
  readonly schedule?: Schedule
}

/** How long to wait after a failure, in ms: `firstMs`, then twice as long each time, up to `mostMs`. */
interface Backoff {
  readonly firstMs: number
  readonly mostMs: number
}

export interface Schedule {
  /** After a mail was deferred. */
  readonly mail: Backoff
  /** After the mail server was unreachable. */
  readonly outage: Backoff
  /** After so many attempts a mail becomes a dead letter. */
  readonly attempts: number
  /** How often to look for mails that are due, in ms. */
  readonly pollMs: number
}

const seconds = 1_000
const hours = 3_600 * seconds

/** Forty attempts take about five days, as RFC 5321, 4.5.4.1, recommends. */
const defaultSchedule: Schedule = {
  mail: { firstMs: 30 * seconds, mostMs: 4 * hours },
  outage: { firstMs: seconds, mostMs: 300 * seconds },
  attempts: 40,
  pollMs: seconds,
}
/** So many mails are sent at once. */
const concurrency = 4

/** Half of the time is random, so that mails which failed together do not return together. */
const backoffMs = ({ firstMs, mostMs }: Backoff, failures: number, random: number): number => {
  const whole = Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, 30))
  return Math.round(whole / 2 + (whole / 2) * random)
}

export interface Sender {
  /** Mails were queued. */
  readonly wake: () => void
  /** Begins nothing more, and resolves when the mails under way are done. */
  readonly stop: () => Promise<void>
}

type Timing = Required<Pick<SenderPorts, 'clock' | 'random' | 'schedule'>>

/** Holds whether the mail server is unreachable, and when to probe it next. */
const outageTracker = (log: MailLog, { clock, random, schedule }: Timing) => {
  let [failures, nextProbe, probing] = [0, 0, false]
  return {
    mayTry: (): boolean => failures === 0 || (!probing && clock.now() >= nextProbe),
    begin: (): void => {
      probing = failures > 0
    },
    end: (delivery: Delivery): void => {
      probing = false
      if (delivery.tag === 'Unreachable') {
        if (failures === 0) log.warn({ reason: delivery.reason }, 'no mail can be sent; it is tried until one can')
        failures += 1
        nextProbe = clock.now() + backoffMs(schedule.outage, failures, random())
      } else if (delivery.tag === 'Taken' || delivery.tag === 'Noted') {
        if (failures > 0) log.info({ attempts: failures }, 'the mail server can be reached again')
        failures = 0
      }
    },
  }
}

/** Stores the outcome of an attempt in the outbox. */
const outcomeRecorder =
  (outbox: Outbox, log: MailLog, { clock, random, schedule }: Timing) =>
  ({ messageId, ticket, attempts }: OutboxMail, delivery: Delivery): void => {
    const now = clock.now()
    const deadLetter = (reason: string): void => {
      outbox.deadLetter(messageId, reason, now)
      log.warn({ messageId, ticket, reason }, 'a mail is a dead letter; `ledgerdesk mail --retry` sends it again')
    }
    switch (delivery.tag) {
      case 'Taken':
        return outbox.markSent(messageId, 'sent', now)
      case 'Noted':
        return outbox.markSent(messageId, 'noted', now)
      case 'Refused':
        return deadLetter(delivery.reason)
      case 'Unreachable':
        return outbox.putBack(messageId, delivery.reason, now)
      case 'Deferred':
        if (attempts >= schedule.attempts) return deadLetter(`after ${attempts} attempts: ${delivery.reason}`)
        return outbox.retryAt(messageId, now + backoffMs(schedule.mail, attempts, random()), delivery.reason, now)
    }
  }

/** Waits until mails are queued, some time passed, or the signal aborts. */
const waker = (pollMs: number, signal: AbortSignal) => {
  const sleepers = new Set<() => void>()
  return {
    wake: (): void => {
      for (const each of sleepers) each()
      sleepers.clear()
    },
    sleep: async (): Promise<void> => {
      const woken = new Promise<void>((resolve) => sleepers.add(resolve))
      const over = new AbortController()
      const poll = wait(pollMs, undefined, { signal: AbortSignal.any([over.signal, signal]) })
      await Promise.race([woken, poll.catch(() => undefined)])
      over.abort()
    },
  }
}

/**
 * Sends what is in the outbox. Each mail fails alone and the others go on. While the mail server is unreachable, one
 * attempt at a time probes it, and no mail's attempts are counted.
 */
export const startSender = (ports: SenderPorts): Sender => {
  const { outbox, mailer, compose, log, schedule = defaultSchedule } = ports
  const timing = { ...ports, schedule }
  const stopping = new AbortController()
  const { signal } = stopping
  const { wake, sleep } = waker(schedule.pollMs, signal)
  const outage = outageTracker(log, timing)
  const storeOutcome = outcomeRecorder(outbox, log, timing)
  const delay = (ms: number): Promise<void> => wait(ms, undefined, { signal }).catch(() => undefined)

  /** An outcome is stored before anything else is done, however long the disk fails. */
  const untilStored = async (mail: OutboxMail, delivery: Delivery): Promise<void> => {
    while (true) {
      try {
        return storeOutcome(mail, delivery)
      } catch (err) {
        log.error({ err }, 'the outcome of a mail cannot be stored; it is tried again')
        if (signal.aborted) return
        await delay(seconds)
      }
    }
  }

  const attempt = async (mail: OutboxMail): Promise<Delivery> => {
    // A mail that makes the process crash is tried so often, and no more.
    if (mail.attempts > schedule.attempts) {
      return { tag: 'Refused', reason: `begun ${schedule.attempts} times without an outcome` }
    }
    return pipe(
      compose(mail),
      TE.flatMapTask((composed) => () => mailer.send(composed)),
      TE.toUnion,
    )()
  }

  const sendNext = async (): Promise<boolean> => {
    if (!outage.mayTry()) return false
    const mail = outbox.takeNext(timing.clock.now())
    if (mail === undefined) return false
    outage.begin()
    const delivery = await attempt(mail).catch((err: unknown): Delivery => {
      log.error({ err, messageId: mail.messageId }, 'an attempt to send a mail failed unexpectedly')
      return { tag: 'Deferred', reason: String(err) }
    })
    await untilStored(mail, delivery)
    outage.end(delivery)
    return true
  }

  const work = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        if (!(await sendNext())) await sleep()
      } catch (err) {
        log.error({ err }, 'the outbox cannot be read; it is tried again')
        await delay(seconds)
      }
    }
  }
  const working = Array.from({ length: concurrency }, work)
  return {
    wake,
    stop: async () => {
      stopping.abort()
      await Promise.all(working)
    },
  }
}
