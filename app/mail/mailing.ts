import type { Database } from 'better-sqlite3'
import { outboxOf } from '../../adapters/mail/outbox.ts'
import { mailDamage } from '../../adapters/mail/outbox-schema.ts'
import { takeTurn } from '../../adapters/mail/process-lock.ts'
import type { UnsubscribeTokens } from '../../adapters/mail/unsubscribe.ts'
import { readable, type EventStore } from '../../domain/event-log/event-store.ts'
import { comparePositions, type Position } from '../../domain/event-log/envelope.ts'
import type { Sha256 } from '../../domain/event-log/hash.ts'
import type { Mailer, UnsentMails } from '../../domain/mail/mailer.ts'
import type { Helpdesk } from '../../projections/registry.ts'
import type { ReadModels } from '../projections/read-models.ts'
import { isMadeFrom } from '../log-origin.ts'
import { mailsTold } from './outbox-log.ts'
import { composer, unlessSettled } from './compose.ts'
import { followLog } from './subscriber.ts'
import { messageIdIn, threadIn } from './names.ts'
import { startSending, type SendPorts } from './send.ts'
import { openWholeLedger } from './whole-ledger.ts'

export interface MailingPorts extends Pick<SendPorts, 'now' | 'random' | 'log' | 'pace'> {
  /** Holds `mail.db`. */
  readonly folder: string
  readonly store: EventStore
  readonly models: ReadModels<Helpdesk>
  readonly mailer: Mailer
  readonly sha256: Sha256
  readonly unsubscribeToken: UnsubscribeTokens['issue']
  /** Behind the `@` of every Message-ID. */
  readonly domain: string
}

export interface Mailing {
  /** Sends from now on, with links to this URL; as soon as no other process does it for this folder. */
  readonly start: (publicUrl: string) => void
  readonly stop: () => Promise<void>
  /** Mails that wait and those that were set aside; null where none are sent at all. */
  readonly counts: () => UnsentMails | null
}

const turnMs = 1_000
/** What was sent is remembered for so long, in ms. */
const memory = 30 * 24 * 3_600_000
/** How long a stop waits for mails under way, in ms; then they are cut off, and tried again after the next start. */
const patienceMs = 5_000

/** No mails at all. */
const silence: Mailing = { start: () => undefined, stop: () => Promise.resolve(), counts: () => null }

/**
 * Tells people by mail what the notifications tell them. A folder that never sent mails begins with what happens from
 * now on. Where `mail.db` is damaged nobody knows what was sent, so nothing is until a person decides; all else goes on.
 * @throws Error where the log or `mail.db` cannot be opened for another reason.
 */
export const openMailing = async (ports: MailingPorts): Promise<Mailing> => {
  const head = readable(await ports.store.head()())
  const ledger = openWholeLedger(ports.folder, 'mail.db')
  if (ledger !== null) return mailingWith(ports, ledger, head)
  ports.mailer.close()
  ports.log.error({}, mailDamage)
  return silence
}

const mailingWith = async (ports: MailingPorts, ledger: Database, head: Position): Promise<Mailing> => {
  const { folder, store, sha256, domain, now, log } = ports
  // A log that was on a cluster says what was mailed there, and where to go on.
  const told = await mailsTold(store)
  const from = told.marks[1] ?? told.marks[0]
  const outbox = outboxOf(ledger, from ?? head)
  // A copy of a log has the same tickets at other positions: mails that wait are good there, the place is not.
  const belong = async (): Promise<void> => {
    if (await isMadeFrom(store, ledger, outbox.position())) return
    log.warn({}, `the mailer goes over to another log, from ${from === undefined ? 'its end' : 'where it was left'} on`)
    ledger.exec('DELETE FROM origin')
    outbox.intend([], from ?? head)
    await isMadeFrom(store, ledger, from ?? head)
  }
  await belong()
  if (from !== undefined && comparePositions(outbox.position(), from) < 0) outbox.intend([], from)
  let stopped = false
  let waiting: NodeJS.Timeout | undefined
  let end: () => Promise<void> = () => Promise.resolve()

  const begin = (publicUrl: string, giveBack: () => void): void => {
    const unknown = outbox.recover(now())
    if (unknown > 0) log.warn({ mails: unknown }, 'mails that were under way when the process ended are sent again')
    outbox.prune(now() - memory)
    const compose = composer({ ...ports, publicUrl, thread: threadIn(domain) })
    const sending = startSending({ ...ports, outbox, compose: unlessSettled(told.settledBefore, compose) })
    const subscription = followLog({
      ...ports,
      outbox,
      messageId: messageIdIn(domain, sha256),
      begun: belong,
      intended: sending.wake,
      failed: (err) => log.error({ err }, 'the mailer cannot read on; it is tried again'),
    })
    end = async () => {
      await subscription.stop()
      const late = setTimeout(ports.mailer.close, patienceMs)
      await sending.stop()
      clearTimeout(late)
      giveBack()
    }
  }

  const start = (publicUrl: string): void => {
    try {
      const giveBack = takeTurn(folder)
      if (giveBack !== undefined) return begin(publicUrl, giveBack)
    } catch (err) {
      log.error({ err }, 'the mailer cannot begin; it is tried again')
    }
    if (!stopped) waiting = setTimeout(() => start(publicUrl), turnMs).unref()
  }
  return {
    start,
    counts: outbox.counts,
    stop: async () => {
      stopped = true
      clearTimeout(waiting)
      await end()
      ports.mailer.close()
      ledger.close()
    },
  }
}
