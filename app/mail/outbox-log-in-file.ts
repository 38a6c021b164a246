import { outboxIn } from '../../adapters/mail/outbox.ts'
import type { Clock } from '../../domain/clock.ts'
import { comparePositions } from '../../domain/event-log/envelope.ts'
import { readable, type EventStore } from '../../domain/event-log/event-store.ts'
import { isMadeFrom } from '../log-origin.ts'
import { openUndamaged, readOutboxLog, type OutboxLog } from './outbox-log.ts'
import type { MailLog } from './sender.ts'

interface Ports {
  /** Holds `mail.db`. */
  readonly folder: string
  readonly store: EventStore
  readonly clock: Clock
  readonly log: MailLog
}

/** How long sent mails are remembered, in ms. */
const retentionMs = 30 * 24 * 3_600_000

/**
 * The outbox log of a data folder: `mail.db` itself. A new one begins at the head of the log, so that nothing that was
 * recorded before is mailed; if the log was on a cluster, at the mail checkpoint where the mails there ended. Null where the file is
 * damaged. @throws Error where the log or the file cannot be read.
 */
export const fileOutboxLog = async ({ folder, store, clock, log }: Ports): Promise<OutboxLog | null> => {
  const head = readable(await store.head()())
  const db = openUndamaged(folder, 'mail.db')
  if (db === null) return null
  const { checkpoints, earlierOutcome } = await readOutboxLog(store)
  const checkpoint = checkpoints[1] ?? checkpoints[0]
  const beginning = checkpoint ?? head
  const outbox = outboxIn(db, beginning)

  /** A copy of a log has the same tickets at other positions: its waiting mails are valid, the position is not. */
  const checkOrigin = async (): Promise<void> => {
    if (await isMadeFrom(store, db, outbox.position())) return
    const from = checkpoint === undefined ? 'the end of the log' : 'the last mail checkpoint in the log'
    log.warn({}, `mail.db belongs to another log; mails begin at ${from}`)
    db.exec('DELETE FROM origin')
    outbox.enqueue([], beginning)
    await isMadeFrom(store, db, beginning)
  }
  await checkOrigin()
  if (checkpoint !== undefined && comparePositions(outbox.position(), checkpoint) < 0) outbox.enqueue([], checkpoint)

  return {
    outbox,
    isWorkingCopy: false,
    beginTerm: () => {
      const unknown = outbox.recover(clock.now())
      if (unknown > 0) log.warn({ mails: unknown }, 'mails that were being sent when the process ended are sent again')
      outbox.prune(clock.now() - retentionMs)
      return Promise.resolve({
        earlierOutcome,
        recorded: (mailer) => mailer,
        beforeFirstBatch: checkOrigin,
        abort: () => undefined,
        end: () => Promise.resolve(),
      })
    },
    close: () => void db.close(),
  }
}
