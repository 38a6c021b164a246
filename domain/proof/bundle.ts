import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as J from 'fp-ts/lib/Json.js'
import * as t from 'io-ts'
import type { StoredEvent } from '../event-log/event-store.ts'
import { ExportedEvent, toExportJson, storedOf } from '../event-log/export-json.ts'
import { decodeEvent } from '../event-log/decode-event.ts'
import { positionOf, type Position } from '../event-log/envelope.ts'
import { isIntact, type Sha256 } from '../event-log/hash.ts'
import { ticketStream, StoredTicketId, type TicketId } from '../ids.ts'
import { openHead } from './checkpoint.ts'
import { isIncluded, leafHash } from './merkle.ts'
import { writeKey, type NoteKey, type VerifySignature } from './note.ts'

/**
 * A ticket's history with a proof that the signed log contains it, checkable with the log's public key alone.
 * docs/proof-format.md describes how to check one with another program.
 */
const format = 'ledgerdesk/bundle/1'

const Bundle = t.strict({
  format: t.literal(format),
  ticket: StoredTicketId,
  key: t.string,
  head: t.string,
  events: t.array(
    t.intersection([ExportedEvent, t.type({ proof: t.strict({ leaf: t.number, path: t.array(t.string) }) })]),
  ),
})
type Bundle = t.TypeOf<typeof Bundle>

/** An event with the index of its leaf, counted from 0, and the path to the root. Its position is the index plus one. */
export interface ProvedEvent {
  readonly stored: StoredEvent
  readonly leaf: number
  readonly path: readonly string[]
}

/** The canonical text of a bundle: one line of JSON with the members in this order, and a line feed. */
export const bundleText = (ticket: TicketId, key: string, head: string, events: readonly ProvedEvent[]): string =>
  `${JSON.stringify({
    format,
    ticket,
    key,
    head,
    events: events.map(({ stored, leaf, path }) => ({ ...toExportJson(stored), proof: { leaf, path } })),
  })}\n`

const parsed = (text: string): Bundle | null =>
  pipe(
    J.parse(text),
    E.flatMap((value): E.Either<unknown, Bundle> => Bundle.decode(value)),
    E.getOrElseW(() => null),
  )

/** The public key that a bundle contains; null where the text is no bundle. */
export const keyInBundle = (text: string): string | null => parsed(text)?.key ?? null

/** The result of a check. `firstBad` is the position of the first event that is not proved; null where all are. */
export interface Verdict {
  readonly events: number
  readonly ok: boolean
  readonly firstBad: Position | null
  /** Null where it is ok. */
  readonly reason: string | null
}

/**
 * Checks a bundle by the public key: that the key signed the head, that every event is unaltered, chained to the previous
 * one and contained in the tree, and that the text has nothing else.
 */
export const checkBundle = (
  { sha256, verify }: { readonly sha256: Sha256; readonly verify: VerifySignature },
  key: NoteKey,
  text: string,
): Verdict => {
  const bundle = parsed(text)
  if (bundle === null) return { events: 0, ok: false, firstBad: null, reason: 'this is no proof bundle' }
  const proved = bundle.events.map((each) => ({ stored: storedOf(each), ...each.proof }))
  const wrong = (reason: string, firstBad: Position | null = null): Verdict => ({
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
    const isInOrder =
      stored.stream === ticketStream(bundle.ticket) &&
      stored.version === version &&
      leaf > lastLeaf &&
      stored.position === positionOf(leaf + 1)
    const isUnaltered = stored.personal !== null && stored.previousHash === previousHash && isIntact(sha256, stored)
    if (!isInOrder || !isUnaltered || decodeEvent(stored) === null)
      return wrong('an event was altered', stored.position)
    if (!isIncluded(sha256, leafHash(sha256, stored.hash), leaf, path, head)) {
      return wrong('an event is not in the log that was signed', stored.position)
    }
    previousHash = stored.hash
    lastLeaf = leaf
  }
  if (version === 0) return wrong('it contains no event')
  // Rebuilding the text from the checked parts shows that it contains nothing else.
  return bundleText(bundle.ticket, writeKey(sha256, key), bundle.head, proved) === text
    ? { events: version, ok: true, firstBad: null, reason: null }
    : wrong('the file contains more than what is proved')
}
