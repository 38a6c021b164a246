import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import type { ClusterStore } from '../../adapters/event-store/eventstoredb/store.ts'
import type { Candidacy } from '../../adapters/event-store/eventstoredb/leader-election.ts'
import { openLedger } from '../../adapters/mail/outbox-schema.ts'
import { outboxOf, type Outbox } from '../../adapters/mail/outbox.ts'
import { comparePositions, start as logStart } from '../../domain/event-log/envelope.ts'
import type { Mailer } from '../../domain/mail/mailer.ts'
import { removeDatabase } from '../projections/generations.ts'
import { composer, unlessSettled } from './compose.ts'
import { openMailFacts, type FactPorts, type MailFacts } from './outbox-log.ts'
import { followLog } from './subscriber.ts'
import type { Mailing, MailingPorts } from './mailing.ts'
import { messageIdIn, threadIn } from './names.ts'
import { startSending } from './send.ts'
import { openWholeLedger } from './whole-ledger.ts'

export interface SharedMailingPorts extends MailingPorts, Pick<FactPorts, 'newSalt' | 'newId'> {
  readonly store: ClusterStore
  /** How often to note how far everything is settled, in ms. */
  readonly markMs?: number
}

const retryMs = 1_000
const usualMarkMs = 60_000
/** How long the end of a turn waits for what is under way, in ms. */
const patienceMs = 5_000

/** The mailer, and what it did in the log for whoever has the turn next. */
const recorded = (mailer: Mailer, facts: MailFacts, onSettled: () => void): Mailer => ({
  send: async (mail) => {
    const mayBegin = await facts.begin(mail.messageId)
    if (!mayBegin) return { tag: 'Unreachable', reason: 'another server sends the mails' }
    const delivery = await mailer.send(mail)
    await facts.settle(mail.messageId, delivery)
    onSettled()
    return delivery
  },
  close: mailer.close,
})

const isSettled = (outbox: Outbox): boolean => outbox.counts().waiting === 0 && outbox.held().length === 0

/** One turn: takes up what the log says, sends until told to end. @throws Error where the log cannot be read. */
const beginTurn = async (
  ports: SharedMailingPorts,
  outbox: Outbox,
  publicUrl: string,
  onOutrun: () => void,
): Promise<() => Promise<void>> => {
  const { store, sha256, domain, log, markMs = usualMarkMs } = ports
  const stopping = new AbortController()
  const { signal } = stopping
  const rest = (ms: number): Promise<void> => wait(ms, undefined, { signal }).catch(() => undefined)
  const facts = await openMailFacts({ ...ports, onOutrun, rest, isStopped: () => signal.aborted })
  outbox.beginAnew(facts.from)
  let settled = 0
  const compose = composer({ ...ports, publicUrl, thread: threadIn(domain) })
  const sending = startSending({
    ...ports,
    outbox,
    mailer: recorded(ports.mailer, facts, () => settled++),
    compose: unlessSettled(facts.settledBefore, compose),
  })
  const subscription = followLog({
    store,
    models: ports.models,
    outbox,
    begun: () => Promise.resolve(),
    messageId: messageIdIn(domain, sha256),
    intended: sending.wake,
    failed: (err) => log.error({ err }, 'the mailer cannot read on; it is tried again'),
  })
  /** Everything before the last mark was looked at and is settled: whoever comes next begins there. */
  const mark = async (): Promise<void> => {
    if (settled === 0 || !isSettled(outbox) || comparePositions(outbox.position(), facts.marked()) < 0) return
    settled = 0
    await facts.mark().catch((err: unknown) => log.warn({ err }, 'how far the mails are cannot be noted'))
  }
  const marking = setInterval(() => void mark(), markMs).unref()
  return async () => {
    clearInterval(marking)
    await subscription.stop()
    // What is under way is finished and noted, unless the log takes no more notes.
    const late = setTimeout(() => stopping.abort(), patienceMs)
    await sending.stop()
    await mark()
    clearTimeout(late)
    stopping.abort()
  }
}

const workingCopy = 'mail-cluster.db'

/** A damaged one is made anew: each turn fills it from the log. */
const openCopy = (folder: string): Database => {
  const ledger = openWholeLedger(folder, workingCopy)
  if (ledger !== null) return ledger
  removeDatabase(join(folder, workingCopy))
  return openLedger(folder, workingCopy)
}

/**
 * Mails for servers that share a log: the one that has the turn sends, and what it did is in the log, so that the next
 * one goes on wherever this one's machine is. `mail-cluster.db` is a working copy.
 */
export const openSharedMailing = (ports: SharedMailingPorts): Mailing => {
  const { folder, store, log } = ports
  const ledger = openCopy(folder)
  const outbox = outboxOf(ledger, logStart)
  let [has, stopped] = [false, false]
  let turn: Candidacy | undefined
  let end: (() => Promise<void>) | undefined
  let changing = Promise.resolve()

  const begin = async (publicUrl: string): Promise<void> => {
    while (has && !stopped && end === undefined) {
      try {
        end = await beginTurn(ports, outbox, publicUrl, () => again(publicUrl))
        log.info({}, 'this server sends the mails now')
      } catch (err) {
        log.error({ err }, 'the mailer cannot begin; it is tried again')
        await wait(retryMs)
      }
    }
  }
  const finish = async (): Promise<void> => {
    await end?.()
    end = undefined
  }
  /** One after the other, however fast the turn comes and goes. */
  const change = (step: () => Promise<void>): void => {
    changing = changing.then(step).catch((err: unknown) => log.error({ err }, 'the mailer broke'))
  }

  /** The last words of an earlier turn came late, or somebody else has the turn: what the log says now decides. */
  const again = (publicUrl: string): void => {
    change(async () => {
      await finish()
      await wait(retryMs)
      await begin(publicUrl)
    })
  }

  return {
    counts: () => (end === undefined ? { waiting: 0, aside: 0 } : outbox.counts()),
    start: (publicUrl) => {
      turn = store.joinElection('mail', {
        onElected: () => {
          has = true
          change(() => begin(publicUrl))
        },
        onLost: () => {
          has = false
          change(finish)
        },
        onError: (err) => log.warn({ err }, 'the cluster does not say whose turn it is to send the mails'),
      })
    },
    stop: async () => {
      stopped = true
      change(finish)
      await changing
      await turn?.stop()
      await changing
      ports.mailer.close()
      ledger.close()
    },
  }
}
