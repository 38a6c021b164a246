import { left, right, type Either } from 'fp-ts/lib/Either.js'
import type { Prove } from '../../adapters/http/ports.ts'
import { ticketStream } from '../../domain/ids.ts'
import type { LogPlace } from '../event-store.ts'
import { inThread } from '../run-in-worker.ts'
import { keyedMutex } from '../keyed-mutex.ts'

/** What the thread is told to do. */
export interface ProofOrder {
  readonly place: LogPlace
  readonly folder: string
  readonly ticket: string
}

/** What it says. */
export type ProofMessage =
  | { readonly tag: 'proved'; readonly bundle: string }
  | { readonly tag: 'not-proved'; readonly reason: string }

const proved = (order: ProofOrder): Promise<Either<string, string>> =>
  inThread(new URL('prove-worker.ts', import.meta.url), order, { isAside: true }, (worker, answer) =>
    worker.on('message', (message: ProofMessage) =>
      answer(message.tag === 'proved' ? right(message.bundle) : left(message.reason)),
    ),
  )

interface ProvingLog {
  readonly error: (fields: object, message: string) => void
}

/** So many may be under way or wait their turn; a proof takes about 0.7 s for a log of 200,000 events. */
const mostAtOnce = 8

/**
 * Proves tickets in a thread of their own, so that this one goes on answering; one after another, so that many who ask
 * at once cost one thread, and beyond `mostAtOnce` are refused. A ticket that cannot be proved is damaged, as is a log
 * that lost what was signed: the reason is logged. Rejects with what else ended it.
 */
export const proveApart = (place: LogPlace, folder: string, log: ProvingLog): Prove => {
  const inTurn = keyedMutex()
  let asked = 0
  return async (ticket, begin) => {
    if (asked >= mostAtOnce) return left({ tag: 'NotReady', reason: 'many proofs are being made' })
    asked++
    try {
      const turn = await inTurn('proof', async () => {
        const begun = await begin()
        return begun._tag === 'Left' ? begun : right(await proved({ place, folder, ticket }))
      })
      if (turn._tag === 'Left') return turn
      const bundle = turn.right
      if (bundle._tag === 'Right') return bundle
      log.error({ ticket, reason: bundle.left }, 'a ticket could not be proved')
      return left({ tag: 'DamagedStream', stream: ticketStream(ticket) })
    } finally {
      asked--
    }
  }
}
