import { left, right, type Either } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { mailDamage, openOutboxFile, type OutboxFile } from '../../adapters/mail/outbox-schema.ts'
import { outboxIn, type Outbox, type OutboxMail } from '../../adapters/mail/outbox.ts'
import type { LogPlace } from '../event-store.ts'
import type { Failure } from '../failures.ts'
import { isDamage } from '../../adapters/errors.ts'
import { invalidArgument } from './arguments.ts'
import { print } from './output.ts'

export interface MailOptions {
  readonly json?: true
  /** True: all dead letters and waiting mails. */
  readonly retry?: readonly string[] | true
}

const withOutbox =
  (
    folder: string,
    file: OutboxFile,
    use: (outbox: Outbox) => Promise<Either<Failure, void>>,
  ): TaskEither<Failure, void> =>
  async () => {
    if (!existsSync(join(folder, file))) {
      return left({
        code: 'NotFound',
        what: `outbox in ${folder} yet`,
        remedy: 'run ledgerdesk serve, which creates it',
      })
    }
    let db: Database | undefined
    try {
      db = openOutboxFile(folder, file)
      return await use(outboxIn(db))
    } catch (error) {
      if (isDamage(error)) return left({ code: 'DamagedOutbox', reason: mailDamage })
      throw error
    } finally {
      db?.close()
    }
  }

const jsonOf = ({ state, messageId, ticket, recipient, kinds, at, attempts, due, reason }: OutboxMail) => ({
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

const retryMails = async (
  outbox: Outbox,
  retry: readonly string[] | true,
  now: number,
): Promise<Either<Failure, void>> => {
  const ids = retry === true ? 'all' : retry
  const known = new Set(outbox.unsent().map(({ messageId }) => messageId))
  const unknown = ids === 'all' ? undefined : ids.find((id) => !known.has(id))
  if (unknown !== undefined) {
    return invalidArgument('--retry', `must name waiting mails or dead letters, and "${unknown}" is none`)
  }
  await print(JSON.stringify({ retried: outbox.retry(ids, now) }))
  return right(undefined)
}

/**
 * `mail`: lists the waiting mails and the dead letters with their reasons, or sends some again: waiting mails at once,
 * dead letters as if they were new. A running server begins within a second; on a cluster the server of this folder does,
 * while it is the leader.
 */
export const mails = (
  place: LogPlace,
  folder: string,
  { json, retry }: MailOptions,
  now: number,
): TaskEither<Failure, void> =>
  withOutbox(folder, 'folder' in place ? 'mail.db' : 'mail-cluster.db', async (outbox) => {
    if (retry !== undefined) return retryMails(outbox, retry, now)
    const unsent = outbox.unsent()
    for (const mail of unsent) await print(json === true ? JSON.stringify(jsonOf(mail)) : lineOf(mail, now))
    if (unsent.length === 0 && json !== true) await print('no mail waits, and there is no dead letter')
    return right(undefined)
  })
