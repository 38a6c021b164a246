import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Position } from '../../domain/event-log/envelope.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { fingerprintOf, mailStream, commandIdFrom, personId } from '../../domain/ids.ts'
import type { MailEvent } from '../../domain/mail/events.ts'
import type { Delivery } from '../../domain/mail/mailer.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { createCommandHandler, type CommandHandlerPorts } from '../commands/command-handler.ts'
import { readOutboxLog, type Term } from './outbox-log.ts'

export interface RecorderPorts extends CommandHandlerPorts {
  readonly store: EventStore
  readonly newId: () => string
  /** Another process appended to the stream. Called once. */
  readonly onLeadershipLost: () => void
  /** Resolves after so many ms, or at once when stopped. */
  readonly delay: (ms: number) => Promise<void>
  readonly isStopped: () => boolean
}

/** Why an event could not be recorded. */
export type NotRecorded = { readonly tag: 'LeadershipLost' } | Refusal

export const reasonOf = ({ tag }: NotRecorded): string =>
  tag === 'LeadershipLost' ? 'another server sends the mails' : `the outbox log cannot be written: ${tag}`

/** Records what is done about mails in the stream `mail-outbox`, and knows what earlier terms recorded there. */
export interface OutboxRecorder {
  /** Mails for what stands behind this position in the log may still have to be sent. */
  readonly from: Position
  readonly earlierOutcome: Term['earlierOutcome']
  /** To be awaited before a mail is handed over. Left: do not send. */
  readonly begun: (messageId: string) => TE.TaskEither<NotRecorded, unknown>
  /** Deferred and unreachable mails stay begun. */
  readonly settled: (messageId: string, delivery: Delivery) => TE.TaskEither<NotRecorded, unknown>
  /** The position of the last mail checkpoint. */
  readonly checkpoint: () => Position
  /** Records the next mail checkpoint: the mails for everything before the last one are settled. */
  readonly recordCheckpoint: TE.TaskEither<NotRecorded, void>
}

const retryMs = 500
const actor = { id: personId('mailer'), name: 'Mailer', email: '', role: 'service' } as const
const lost: NotRecorded = { tag: 'LeadershipLost' }

/** The event for an outcome; null for one after which the mail is tried again. */
const settledEvent = (messageId: string, delivery: Delivery): MailEvent | null => {
  switch (delivery.tag) {
    case 'Taken':
      return { type: 'MailSettled', data: { messageId, outcome: 'taken' }, personal: {} }
    case 'Noted':
      return { type: 'MailSettled', data: { messageId, outcome: 'noted' }, personal: {} }
    case 'Refused':
      return { type: 'MailSettled', data: { messageId, outcome: 'refused' }, personal: { reason: delivery.reason } }
    case 'Deferred':
    case 'Unreachable':
      return null
  }
}

const firstCheckpoint = async (record: TE.TaskEither<NotRecorded, Position>): Promise<Position> =>
  pipe(
    await record(),
    E.getOrElseW((failure) => {
      throw new Error(reasonOf(failure))
    }),
  )

/**
 * Begins a term. Each event is appended behind the last one known, and to no other version: a process that lost the
 * leadership without noticing finds another's event there, and from then on records and sends nothing. An event with an
 * unknown outcome is appended again under the same command id. @throws Error where the stream cannot be read, or a first
 * mail checkpoint cannot be recorded.
 */
export const openOutboxRecorder = async (ports: RecorderPorts): Promise<OutboxRecorder> => {
  const { store, sha256, newId, onLeadershipLost, delay, isStopped } = ports
  const transact = createCommandHandler(ports)
  const { version, checkpoints, earlierOutcome } = await readOutboxLog(store)
  let known = version
  let isLost = false
  let appending: Promise<unknown> = Promise.resolve()

  const append = (event: MailEvent): TE.TaskEither<NotRecorded, Position> => {
    const context = {
      actor,
      commandId: commandIdFrom(newId()),
      correlationId: newId(),
      fingerprint: fingerprintOf(sha256, event),
    }
    const decider = {
      initial: 0,
      evolve: (_version: number, recorded: { readonly version: number }) => recorded.version,
      decide: (standing: number) => (standing === known ? E.right([event]) : E.left(lost)),
      tail: 1,
    }
    const attempt: TE.TaskEither<NotRecorded, Position> = pipe(
      transact(mailStream, decider, context),
      TE.map((outcome) => {
        known = outcome.version
        return outcome.position
      }),
      TE.orElse((failure): TE.TaskEither<NotRecorded, Position> => {
        if (failure.tag === 'LeadershipLost') {
          isLost = true
          onLeadershipLost()
          return TE.left(lost)
        }
        if (isStopped() || failure.tag === 'DamagedStream' || failure.tag === 'LogSealed') return TE.left(failure)
        return pipe(
          TE.fromTask(() => delay(retryMs)),
          TE.flatMap(() => attempt),
        )
      }),
    )
    return attempt
  }

  /** One after the other, in the order of the calls. */
  const record =
    (event: MailEvent): TE.TaskEither<NotRecorded, Position> =>
    () => {
      const appended = appending.then(() => (isLost ? E.left(lost) : append(event)()))
      appending = appended.catch(() => undefined)
      return appended
    }

  const recordNext = record({ type: 'MailsMarked', data: {}, personal: {} })
  let checkpoint = checkpoints[0]?.position ?? (await firstCheckpoint(recordNext))

  return {
    from: checkpoints[1]?.position ?? checkpoint,
    earlierOutcome,
    begun: (messageId) => record({ type: 'MailBegun', data: { messageId }, personal: {} }),
    settled: (messageId, delivery) => {
      const settled = settledEvent(messageId, delivery)
      return settled === null ? TE.right(undefined) : record(settled)
    },
    checkpoint: () => checkpoint,
    recordCheckpoint: pipe(
      recordNext,
      TE.map((position) => {
        checkpoint = position
      }),
    ),
  }
}
