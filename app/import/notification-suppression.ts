import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openOutboxFile } from '../../adapters/mail/outbox-schema.ts'
import { outboxIn } from '../../adapters/mail/outbox.ts'
import { envelopeOf } from '../../domain/event-log/envelope.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'

/**
 * A store through which past events come into the log without mails about them: before each append the folder's outbox,
 * if it has one, notes up to when events are old. A folder without an outbox begins with what is recorded after its
 * first start.
 */
export const suppressNotifications = (
  store: EventStore,
  folder: string,
): { readonly store: EventStore; readonly close: () => void } => {
  if (!existsSync(join(folder, 'mail.db'))) return { store, close: () => undefined }
  const db = openOutboxFile(folder)
  const outbox = outboxIn(db)
  return {
    store: {
      ...store,
      append: (stream, expected, events) => {
        const latest =
          events
            .map((event) => envelopeOf(event).recordedAt)
            .toSorted()
            .at(-1) ?? ''
        if (latest > outbox.suppressedUntil()) outbox.suppressUntil(latest)
        return store.append(stream, expected, events)
      },
    },
    close: () => void db.close(),
  }
}
