import type { StoredEvent } from '../../domain/event-log/event-store.ts'
import type { Sha256 } from '../../domain/event-log/hash.ts'
import { bundleText } from '../../domain/proof/bundle.ts'
import { inclusionPaths, leafHash } from '../../domain/proof/merkle.ts'

/**
 * The bundle of a ticket's events, from the event hashes of the log in their order, which are walked twice. Events that
 * came after the head are left out.
 */
export const proveTicket = (
  sha256: Sha256,
  ticket: string,
  key: string,
  head: string,
  events: readonly StoredEvent[],
  leaves: () => Iterable<string>,
): string => {
  const wanted = new Set(events.map(({ hash }) => hash))
  const places = new Map<string, number>()
  let n = 0
  for (const hash of leaves()) {
    if (wanted.has(hash)) places.set(hash, n)
    n++
  }
  function* hashed(): Generator<string> {
    for (const hash of leaves()) yield leafHash(sha256, hash)
  }
  const paths = inclusionPaths(sha256, hashed(), new Set(places.values()))
  const proved = events.flatMap((stored) => {
    const leaf = places.get(stored.hash)
    return leaf === undefined
      ? []
      : [{ stored: { ...stored, position: String(leaf + 1) }, leaf, path: paths.get(leaf) ?? [] }]
  })
  return bundleText(ticket, key, head, proved)
}
