import type { EventStore } from '../../domain/event-store.ts'
import { comparePositions, start, type Position } from '../../domain/events/envelope.ts'
import type { AuditedEvent, AuditedLog } from '../../domain/proof/audit.ts'

const pageSize = 1_000

/** Any store as its own reader shows it: for those whose bytes lie elsewhere. */
export const auditStore = (store: EventStore): AuditedLog => {
  async function* pages(): AsyncGenerator<readonly AuditedEvent[]> {
    for (let at: Position = start; ;) {
      const events = await store.readLog(at, pageSize)()
      if (events._tag === 'Left') throw new Error(`the log cannot be read: ${events.left.tag}`)
      if (events.right.length === 0) return
      let before = at
      yield events.right.map((stored) => {
        const flaw = comparePositions(stored.position, before) > 0 ? null : 'positions do not grow'
        before = stored.position
        return { stored, place: stored.position, flaw }
      })
      at = before
    }
  }
  return { pages, leftover: () => null }
}
