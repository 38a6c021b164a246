import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { abortableDelay } from '../../adapters/abortable-delay.ts'
import { readLogId } from '../../adapters/event-store/anchors.ts'
import { openOutboxFile } from '../../adapters/mail/outbox-schema.ts'
import { outboxIn, type Outbox } from '../../adapters/mail/outbox.ts'
import { anchorAt } from '../../domain/event-log/anchor.ts'
import { readable } from '../../domain/event-log/event-store.ts'
import { comparePositions } from '../../domain/event-log/envelope.ts'
import type { Delivery, Mailer } from '../../domain/mail/mailer.ts'
import { removeDatabase } from '../projections/generations.ts'
import { openUndamaged, type OutboxLog } from './outbox-log.ts'
import {
  openOutboxRecorder,
  reasonOf,
  type NotRecorded,
  type OutboxRecorder,
  type RecorderPorts,
} from './outbox-recorder.ts'
import type { MailLog } from './sender.ts'

export interface EventOutboxPorts extends Omit<RecorderPorts, 'onLeadershipLost' | 'delay' | 'isStopped'> {
  /** Holds `mail-cluster.db`. */
  readonly folder: string
  readonly log: MailLog
}

/** How often to record that all mails are settled, in ms. */
const checkpointMs = 60_000
const fileName = 'mail-cluster.db'

/** A damaged working copy is made anew: each term fills it from the log. */
const openWorkingCopy = (folder: string): Database => {
  const db = openUndamaged(folder, fileName)
  if (db !== null) return db
  removeDatabase(join(folder, fileName))
  return openOutboxFile(folder, fileName)
}

const notSent = (failure: NotRecorded): Delivery => ({ tag: 'Unreachable', reason: reasonOf(failure) })
const notSettled = (failure: NotRecorded): Delivery => ({ tag: 'Deferred', reason: reasonOf(failure) })

/** The mailer, with each attempt recorded before and each outcome after it. */
const recordedBy =
  (recorder: OutboxRecorder, onSettled: () => void) =>
  (mailer: Mailer): Mailer => ({
    send: (mail) =>
      pipe(
        recorder.begun(mail.messageId),
        TE.mapLeft(notSent),
        TE.flatMapTask(() => () => mailer.send(mail)),
        TE.tap((delivery) => pipe(recorder.settled(mail.messageId, delivery), TE.mapLeft(notSettled))),
        TE.tapIO(() => onSettled),
        TE.toUnion,
      )(),
    close: mailer.close,
  })

const allSettled = (outbox: Outbox): boolean => outbox.counts().waiting === 0 && outbox.parked().length === 0

/**
 * The outbox log of a cluster: events in the stream `mail-outbox`, so that the next leader goes on whichever machine it
 * runs on. `mail-cluster.db` is a working copy of them. A mail checkpoint is recorded whenever all mails are settled, so that a term
 * reads the log from the checkpoint before the last, and not from its start.
 */
export const eventOutboxLog = (ports: EventOutboxPorts): OutboxLog => {
  const { folder, log } = ports
  const db = openWorkingCopy(folder)
  const outbox = outboxIn(db)

  const beginTerm: OutboxLog['beginTerm'] = async (onLeadershipLost) => {
    const { delay, abort } = abortableDelay()
    let aborted = false
    const stop = (): void => {
      aborted = true
      abort()
    }
    const recorder = await openOutboxRecorder({ ...ports, onLeadershipLost, delay, isStopped: () => aborted })
    const from = readable(await ports.store.eventAt(recorder.from)())
    if (from === null) throw new Error(`the log has no event at the mail checkpoint, ${recorder.from}`)
    outbox.restartAt(anchorAt(await readLogId(ports.store), from))
    let settledSinceCheckpoint = 0

    /** Only where everything before the last checkpoint was read from the log and is settled. */
    const recordCheckpoint = async (): Promise<void> => {
      const isDue = settledSinceCheckpoint > 0 && comparePositions(outbox.position(), recorder.checkpoint()) >= 0
      if (!isDue || !allSettled(outbox)) return
      settledSinceCheckpoint = 0
      await pipe(
        recorder.recordCheckpoint,
        TE.orElseFirstIOK(
          (failure) => () => log.warn({ reason: reasonOf(failure) }, 'no mail checkpoint was recorded'),
        ),
      )()
    }
    const timer = setInterval(() => void recordCheckpoint(), checkpointMs).unref()
    return {
      earlierOutcome: recorder.earlierOutcome,
      recorded: recordedBy(recorder, () => settledSinceCheckpoint++),
      abort: stop,
      end: async () => {
        clearInterval(timer)
        await recordCheckpoint()
        stop()
      },
    }
  }

  return { outbox, isWorkingCopy: true, beginTerm, close: () => void db.close() }
}
