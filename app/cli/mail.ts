import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { mailDamage, openLedger, type LedgerFile } from '../../adapters/mail/outbox-schema.ts'
import { outboxOf, type Outbox, type OutboxMail } from '../../adapters/mail/outbox.ts'
import { start } from '../../domain/event-log/envelope.ts'
import type { LogPlace } from '../event-store.ts'
import { isDamage } from '../../adapters/errors.ts'
import { Failure } from './failure.ts'
import { print } from './output.ts'

export interface MailOptions {
  readonly json?: true
  /** True: all that were set aside. */
  readonly retry?: readonly string[] | true
}

const withOutbox = async <A>(folder: string, file: LedgerFile, use: (outbox: Outbox) => Promise<A>): Promise<A> => {
  if (!existsSync(join(folder, file))) throw new Failure(`there are no mails in ${folder} yet; a server makes them`)
  let ledger: Database | undefined
  try {
    ledger = openLedger(folder, file)
    return await use(outboxOf(ledger, start))
  } catch (error) {
    throw isDamage(error) ? new Failure(mailDamage) : error
  } finally {
    ledger?.close()
  }
}

const plain = ({ state, messageId, ticket, recipient, kinds, at, attempts, due, reason }: OutboxMail) => ({
  state,
  messageId,
  ticket,
  recipient,
  kinds,
  at,
  attempts,
  next: state === 'waiting' ? new Date(due).toISOString() : null,
  reason,
})

const lineOf = (mail: OutboxMail, now: number): string => {
  const { state, messageId, ticket, recipient, kinds, attempts, due, reason } = mail
  const next = state === 'waiting' && due > now ? `, next ${new Date(due).toISOString()}` : ''
  const why = reason === null ? '' : `\n    ${reason}`
  return `${state.padEnd(7)}  ${ticket}  to ${recipient}: ${kinds.join(', ')}  (${attempts} attempts${next})\n    ${messageId}${why}`
}

/**
 * Lists the mails that wait and those that were set aside, with the reason; or tries some again: what waits at once,
 * what was set aside as if it were new. A running server begins within a second; of those on a cluster the one on this
 * folder, where it has the turn.
 * @throws Failure where there are none yet, or an id names none.
 */
export const mails = (place: LogPlace, folder: string, { json, retry }: MailOptions, now: number): Promise<void> =>
  withOutbox(folder, 'folder' in place ? 'mail.db' : 'mail-cluster.db', async (outbox) => {
    if (retry !== undefined) {
      const known = new Set(outbox.unsent().map(({ messageId }) => messageId))
      const ids = retry === true ? 'all' : retry
      const stray = ids === 'all' ? undefined : ids.find((id) => !known.has(id))
      if (stray !== undefined) throw new Failure(`${stray} is no mail that waits or was set aside`)
      await print(JSON.stringify({ retried: outbox.retry(ids, now) }))
      return
    }
    const unsent = outbox.unsent()
    for (const mail of unsent) await print(json === true ? JSON.stringify(plain(mail)) : lineOf(mail, now))
    if (unsent.length === 0 && json !== true) await print('no mail waits, and none was set aside')
  })
