import { setTimeout as wait } from 'node:timers/promises'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Logger } from 'pino'
import type { ClusterStore } from '../../adapters/event-store/eventstoredb/store.ts'
import { mailDamage } from '../../adapters/mail/outbox-schema.ts'
import { holdProcessLock } from '../../adapters/mail/process-lock.ts'
import { readSeal } from '../../adapters/event-store/log-seal.ts'
import { sealedTo } from '../../domain/event-log/log-seal.ts'
import { readable, type EventStore } from '../../domain/event-log/event-store.ts'
import type { Mailer, UnsentMails } from '../../domain/mail/mailer.ts'
import type { Helpdesk } from '../../projections/registry.ts'
import type { ReadModels } from '../projections/read-models.ts'
import { composer, messageIdIn, type ComposePorts } from './compose.ts'
import { eventOutboxLog, type EventOutboxPorts } from './outbox-log-in-events.ts'
import { fileOutboxLog } from './outbox-log-in-file.ts'
import { waitingMails, type OutboxLog } from './outbox-log.ts'
import { subscribeOutbox } from './outbox-subscription.ts'
import { startSender, type MailLog, type SenderPorts } from './sender.ts'

export interface MailingPorts
  extends
    EventOutboxPorts,
    Pick<ComposePorts, 'domain' | 'unsubscribeToken'>,
    Pick<SenderPorts, 'mailer' | 'schedule'> {
  readonly store: EventStore | ClusterStore
  readonly models: ReadModels<Helpdesk>
}

export interface Mailing {
  /** Sends from now on, with links to this URL; waits first until no other process sends for this log. */
  readonly start: (publicUrl: string) => void
  readonly stop: () => Promise<void>
  /** Waiting mails and dead letters; null where no mails are sent because the outbox is damaged. */
  readonly counts: () => UnsentMails | null
}

/** Ensures that one process sends: the process lock of a data folder, or the leader election of a cluster. */
type Election = (candidate: {
  readonly onElected: () => void
  readonly onLost: () => void
  readonly onError: (error: unknown) => void
}) => { readonly stop: () => Promise<void> }

const retryMs = 1_000
/** How long the end of a term waits for mails under way, in ms; then they are cut off, and sent again by the next term. */
const gracePeriodMs = 4_000

/** A mailer for a server without an SMTP server: it logs what would go out. Names and texts only at level debug. */
export const logMailer = (logger: Pick<Logger, 'info' | 'debug'>): Mailer => ({
  send: ({ messageId, subject, to, text }) => {
    logger.info({ messageId }, 'a mail would go out; LEDGERDESK_SMTP_URL is not set')
    logger.debug({ messageId, to, subject, text }, 'the mail')
    return Promise.resolve({ tag: 'Noted' })
  },
  close: () => undefined,
})

const disabled: Mailing = { start: () => undefined, stop: () => Promise.resolve(), counts: () => null }

/** A folder whose log was moved to a cluster may hold mails that the server of that log did not send. */
const warnOfUnsent = (folder: string, log: MailLog): void => {
  const waiting = waitingMails(folder)
  if (waiting === 0) return
  log.warn(
    { mails: waiting },
    'mails wait in mail.db, which is not used on a cluster: start a server on the old log once',
  )
}

/**
 * Mails people what the notifications read model notifies them of. A log that never sent mails begins with what is
 * recorded from now on. Where `mail.db` is damaged it is unknown what was sent, so nothing is until a person decides; the
 * rest of the server works.
 * @throws Error where the log or the outbox cannot be opened for another reason.
 */
export const openMailing = async (ports: MailingPorts): Promise<Mailing> => {
  const { store, folder, mailer, log } = ports
  if ('joinElection' in store) {
    warnOfUnsent(folder, log)
    const seal = readable(await readSeal(store))
    if (seal !== null) {
      mailer.close()
      log.info({}, `no mail is sent: the log is sealed, and goes on at ${sealedTo(seal)}`)
      return disabled
    }
    return mailing(ports, eventOutboxLog(ports), (candidate) => store.joinElection('mail', candidate))
  }
  const outboxLog = await fileOutboxLog({ ...ports, folder })
  if (outboxLog !== null) {
    return mailing(ports, outboxLog, ({ onElected, onError }) =>
      holdProcessLock(folder, { onAcquired: onElected, onError }),
    )
  }
  mailer.close()
  log.error({}, mailDamage)
  return disabled
}

/** Sends until the answer is called. @throws Error where the term cannot begin. */
const beginTerm = async (
  ports: MailingPorts,
  outboxLog: OutboxLog,
  publicUrl: string,
  onLeadershipLost: () => void,
): Promise<() => Promise<void>> => {
  const { mailer, domain, sha256, log } = ports
  const { outbox } = outboxLog
  const term = await outboxLog.beginTerm(onLeadershipLost)
  const compose = composer({ ...ports, publicUrl })
  const sender = startSender({
    ...ports,
    outbox,
    mailer: term.recorded(mailer),
    compose: (mail) => {
      const earlier = term.earlierOutcome(mail.messageId)
      return earlier === undefined ? compose(mail) : TE.left(earlier)
    },
  })
  const subscription = subscribeOutbox({
    ...ports,
    outbox,
    messageId: messageIdIn(domain, sha256),
    onQueued: sender.wake,
    onError: (err) => log.error({ err }, 'the mailer cannot read the log; it is tried again'),
  })
  return async () => {
    await subscription.stop()
    const late = setTimeout(() => {
      mailer.close()
      term.abort()
    }, gracePeriodMs)
    await sender.stop()
    await term.end()
    clearTimeout(late)
  }
}

const mailing = (ports: MailingPorts, outboxLog: OutboxLog, elect: Election): Mailing => {
  const { mailer, log } = ports
  let [isLeader, stopped] = [false, false]
  let endTerm: (() => Promise<void>) | undefined
  let candidacy: ReturnType<Election> | undefined
  let changing = Promise.resolve()

  const begin = async (publicUrl: string): Promise<void> => {
    while (isLeader && !stopped && endTerm === undefined) {
      try {
        endTerm = await beginTerm(ports, outboxLog, publicUrl, () => restart(publicUrl))
        log.info({}, 'this server sends the mails now')
      } catch (err) {
        log.error({ err }, 'the mailer cannot begin; it is tried again')
        await wait(retryMs)
      }
    }
  }
  const finish = async (): Promise<void> => {
    const end = endTerm
    endTerm = undefined
    await end?.()
  }
  /** One change after the other, however fast elections follow each other. */
  const change = (step: () => Promise<void>): void => {
    changing = changing.then(step).catch((err: unknown) => log.error({ err }, 'the mailer failed unexpectedly'))
  }
  /** Either another process leads by now, or a late event of an earlier term was found: the log is read again. */
  const restart = (publicUrl: string): void => {
    change(async () => {
      await finish()
      await wait(retryMs)
      await begin(publicUrl)
    })
  }

  return {
    counts: () =>
      outboxLog.isWorkingCopy && endTerm === undefined ? { waiting: 0, aside: 0 } : outboxLog.outbox.counts(),
    start: (publicUrl) => {
      candidacy = elect({
        onElected: () => {
          isLeader = true
          change(() => begin(publicUrl))
        },
        onLost: () => {
          isLeader = false
          change(finish)
        },
        onError: (err) => log.warn({ err }, 'it cannot be determined which server sends the mails; it is tried again'),
      })
    },
    stop: async () => {
      stopped = true
      change(finish)
      await changing
      await candidacy?.stop()
      await changing
      mailer.close()
      outboxLog.close()
    },
  }
}
