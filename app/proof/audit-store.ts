import type { EventStore } from '../../domain/event-log/event-store.ts'
import { comparePositions, start, type Position } from '../../domain/event-log/envelope.ts'
import type { AuditedEvent, AuditedLog } from '../../domain/proof/audit.ts'
import { logPages } from '../log-pages.ts'

/** Any store as its own reader shows it: for those whose bytes lie elsewhere. */
export const auditStore = (store: EventStore): AuditedLog => {
  async function* pages(): AsyncGenerator<readonly AuditedEvent[]> {
    let before: Position = start
    for await (const events of logPages(store, start)) {
      yield events.map((stored) => {
        const flaw = comparePositions(stored.position, before) > 0 ? null : 'positions do not grow'
        before = stored.position
        return { stored, place: stored.position, flaw }
      })
    }
  }
  return { pages, leftover: () => null }
}
