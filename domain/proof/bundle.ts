import * as t from 'io-ts'
import type { StoredEvent } from '../event-log/event-store.ts'
import { ExactEvent, exactEvent, storedOf } from '../event-log/export-json.ts'
import { readEvent } from '../event-log/decode-event.ts'
import { isIntact, type Sha256 } from '../event-log/hash.ts'
import { ticketStream } from '../ids.ts'
import { openHead } from './checkpoint.ts'
import { isIncluded, leafHash } from './merkle.ts'
import { writeKey, type NoteKey, type VerifySignature } from './note.ts'

/**
 * A ticket's history with a proof that it stands in the log, for whoever has the log's public key and nothing else of
 * it. README, "The proof's form", says how to check one with another program.
 */
const format = 'ledgerdesk/bundle/1'

const Bundle = t.strict({
  format: t.literal(format),
  ticket: t.string,
  key: t.string,
  head: t.string,
  events: t.array(
    t.intersection([ExactEvent, t.type({ proof: t.strict({ leaf: t.number, path: t.array(t.string) }) })]),
  ),
})
type Bundle = t.TypeOf<typeof Bundle>

/** An event with its place in the tree, counted from 0, and the path from there to the root. Its position is one more. */
export interface ProvedEvent {
  readonly stored: StoredEvent
  readonly leaf: number
  readonly path: readonly string[]
}

/** A bundle's one text: JSON in one line, its members in this order, and a line feed. */
export const bundleText = (ticket: string, key: string, head: string, events: readonly ProvedEvent[]): string =>
  `${JSON.stringify({
    format,
    ticket,
    key,
    head,
    events: events.map(({ stored, leaf, path }) => ({ ...exactEvent(stored), proof: { leaf, path } })),
  })}\n`

const parsed = (text: string): Bundle | null => {
  try {
    const decoded = Bundle.decode(JSON.parse(text))
    return decoded._tag === 'Right' ? decoded.right : null
  } catch {
    return null
  }
}

/** The public key that a bundle names for itself; null where there is none. */
export const keyInBundle = (text: string): string | null => parsed(text)?.key ?? null

/** What a check found. `firstBad` is the position of the first event that is not proved; null where all are. */
export interface Verdict {
  readonly events: number
  readonly ok: boolean
  readonly firstBad: string | null
  /** In a few words, where it is not ok. */
  readonly reason: string | null
}

/**
 * Checks a bundle with nothing but the public key: that the head is signed by it, that every event is unaltered, chained
 * to the one before and in the tree, and that nothing else stands in the file.
 */
export const checkBundle = (
  { sha256, verify }: { readonly sha256: Sha256; readonly verify: VerifySignature },
  key: NoteKey,
  text: string,
): Verdict => {
  const bundle = parsed(text)
  if (bundle === null) return { events: 0, ok: false, firstBad: null, reason: 'this is no bundle' }
  const proved = bundle.events.map((each) => ({ stored: storedOf(each), ...each.proof }))
  const wrong = (reason: string, firstBad: string | null = null): Verdict => ({
    events: proved.length,
    ok: false,
    firstBad,
    reason,
  })
  const head = openHead(sha256, key, verify, bundle.head)
  if (head === null) return wrong('the head is not signed by this key')
  let [version, previousHash, lastLeaf] = [0, '', -1]
  for (const { stored, leaf, path } of proved) {
    version++
    const inPlace =
      stored.stream === ticketStream(bundle.ticket) &&
      stored.version === version &&
      leaf > lastLeaf &&
      stored.position === String(leaf + 1)
    const unaltered = stored.personal !== null && stored.previousHash === previousHash && isIntact(sha256, stored)
    if (!inPlace || !unaltered || readEvent(stored) === null) return wrong('an event was altered', stored.position)
    if (!isIncluded(sha256, leafHash(sha256, stored.hash), leaf, path, head)) {
      return wrong('an event is not in the log that was signed', stored.position)
    }
    previousHash = stored.hash
    lastLeaf = leaf
  }
  if (version === 0) return wrong('there is no event in it')
  // Whatever was not looked at above is made again from what was: the file holds nothing that is not proved.
  return bundleText(bundle.ticket, writeKey(sha256, key), bundle.head, proved) === text
    ? { events: version, ok: true, firstBad: null, reason: null }
    : wrong('the file says more than what is proved')
}
