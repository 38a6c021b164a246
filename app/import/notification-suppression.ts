import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openLedger } from '../../adapters/mail/outbox-schema.ts'
import { outboxOf } from '../../adapters/mail/outbox.ts'
import type { EventStore, SealedEvent } from '../../domain/event-log/event-store.ts'
import { start, type Envelope } from '../../domain/event-log/envelope.ts'

const recordedAt = ({ envelope }: SealedEvent): string => {
  const { recordedAt: at }: Envelope = JSON.parse(envelope)
  return at
}

/**
 * A store through which events of the past come into the log without anybody being told of them: before each append the
 * folder's mailer, if it ever had one, is told how old what comes is. A folder without one begins with what comes later.
 */
export const silently = (
  store: EventStore,
  folder: string,
): { readonly store: EventStore; readonly close: () => void } => {
  if (!existsSync(join(folder, 'mail.db'))) return { store, close: () => undefined }
  const ledger = openLedger(folder)
  const outbox = outboxOf(ledger, start)
  return {
    store: {
      ...store,
      append: (stream, expected, events) => {
        const latest = events.map(recordedAt).toSorted().at(-1) ?? ''
        if (latest > outbox.silentUntil()) outbox.silence(latest)
        return store.append(stream, expected, events)
      },
    },
    close: () => void ledger.close(),
  }
}
