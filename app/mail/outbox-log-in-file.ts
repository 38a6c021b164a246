import { headAnchor } from '../../adapters/event-store/anchors.ts'
import { logFileId } from '../../adapters/event-store/sqlite/log-file-id.ts'
import { outboxIn } from '../../adapters/mail/outbox.ts'
import type { Clock } from '../../domain/clock.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { findMailPlace } from './mail-place.ts'
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
  const db = openUndamaged(folder, 'mail.db')
  if (db === null) return null
  const logFile = logFileId(folder)
  const head = await headAnchor(store)
  const outbox = outboxIn(db, head === null ? logFile : '')
  const { checkpoints, earlierOutcome } = await readOutboxLog(store)
  await findMailPlace({ store, db, outbox, log, head, logFile }, checkpoints[1] ?? checkpoints[0])

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
        abort: () => undefined,
        end: () => Promise.resolve(),
      })
    },
    close: () => void db.close(),
  }
}
