import type { Database } from 'better-sqlite3'
import { readLogId, relocate, standingOf } from '../../adapters/event-store/anchors.ts'
import type { Outbox, ParkedTicket } from '../../adapters/mail/outbox.ts'
import { anchorAt, type Anchor } from '../../domain/event-log/anchor.ts'
import { comparePositions, start, type Position } from '../../domain/event-log/envelope.ts'
import { readable, type EventStore, type StoredEvent } from '../../domain/event-log/event-store.ts'
import type { MailLog } from './sender.ts'

interface Ports {
  readonly store: EventStore
  readonly db: Database
  readonly outbox: Outbox
  readonly log: MailLog
  /** The last event of the log; null for an empty one. */
  readonly head: Anchor | null
  /** The `logFileId` of the log; empty where it has none. */
  readonly logFile: string
}

/** The anchor that an earlier build wrote as the log's first event beside the position; null where this log is another. */
const anchorOfEarlierBuild = async (store: EventStore, db: Database, position: Position): Promise<Anchor | null> => {
  const hasOrigin = db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'origin'").get() !== undefined
  const origin = hasOrigin ? db.prepare<[], string>('SELECT log FROM origin').pluck().get() : undefined
  const [first] = readable(await store.readLog(start, 1)())
  if (first === undefined || origin !== `${first.position} ${first.hash}`) return null
  const event = readable(await store.eventAt(position)())
  return event === null ? null : anchorAt(await readLogId(store), event)
}

/** Parked tickets with their positions in the log to which the anchors were relocated, at the last common one at most. */
const relocateParked = (
  parked: readonly ParkedTicket[],
  before: readonly Anchor[],
  relocated: readonly Anchor[],
): readonly ParkedTicket[] =>
  parked.map(({ ticket, after }) => {
    const at = before.findLastIndex(({ position }) => comparePositions(position, after) <= 0)
    return { ticket, after: relocated[Math.min(at, relocated.length - 1)]?.position ?? start }
  })

/**
 * Moves the mail place of a data folder to where its log stands now (docs/adr/0033-log-identity.md): to the same event in
 * a log that has it elsewhere, to the last common one in an older or a different copy, and to the beginning in another
 * log. What was sent is known by Message-IDs, so reading a part of the log again sends nothing twice. `checkpoint` is the
 * mail checkpoint at which the mails of a cluster ended, if the log was on one. @throws UnreadableLog
 */
export const findMailPlace = async (ports: Ports, checkpoint: StoredEvent | undefined): Promise<void> => {
  const { store, db, outbox, log, head, logFile } = ports
  const beginning = checkpoint === undefined ? head : anchorAt(await readLogId(store), checkpoint)

  const begin = (): void => outbox.moveTo(beginning === null ? [] : [beginning], [], beginning === null ? logFile : '')
  const beginElsewhere = (): void => {
    const from = checkpoint === undefined ? 'the end of the log' : 'the last mail checkpoint in the log'
    log.warn({}, `mail.db belongs to another log; mails begin at ${from}`)
    begin()
  }

  /** The file does not name an event yet. */
  const bind = async (): Promise<void> => {
    const position = outbox.position()
    if (position !== start) {
      const anchor = await anchorOfEarlierBuild(store, db, position)
      return anchor === null ? beginElsewhere() : outbox.moveTo([anchor], outbox.parked())
    }
    // What an empty log has got since is to be mailed. Another log may stand here by now, or the file was made just now.
    if (head !== null && (logFile === '' || outbox.besideEmpty() !== logFile)) begin()
  }

  const follow = async (anchors: readonly Anchor[], last: Anchor): Promise<void> => {
    const standing = await standingOf(store, last)
    if (standing.tag === 'Same') return
    const relocated = head === null ? [] : await relocate(store, anchors)
    const to = relocated.at(-1)
    if (to === undefined) return beginElsewhere()
    outbox.moveTo(relocated, relocateParked(outbox.parked(), anchors, relocated))
    const fields = { position: to.position, before: last.position }
    if (standing.tag === 'Moved') log.info(fields, 'the log has moved: mails go on behind the same event')
    else log.warn(fields, 'the log does not hold what was mailed last: mails go on behind the last common event')
  }

  const anchors = outbox.anchors()
  const last = anchors.at(-1)
  await (last === undefined ? bind() : follow(anchors, last))
  if (checkpoint !== undefined && beginning !== null && comparePositions(outbox.position(), checkpoint.position) < 0) {
    outbox.enqueue([], beginning)
  }
}
