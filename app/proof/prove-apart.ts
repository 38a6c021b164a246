import { Worker } from 'node:worker_threads'
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import type { Prove } from '../../adapters/http/ports.ts'
import { ticketStream } from '../../domain/ids.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { LogPlace } from '../event-store.ts'

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

const inThread = (order: ProofOrder): Promise<Either<string, string>> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('prove-worker.ts', import.meta.url), { workerData: order })
    worker.on('message', (message: ProofMessage) =>
      resolve(message.tag === 'proved' ? right(message.bundle) : left(message.reason)),
    )
    worker.on('error', reject)
    worker.on('exit', (code) => reject(new Error(`the proof ended with ${code}`)))
    worker.unref()
  })

interface ProvingLog {
  readonly error: (fields: object, message: string) => void
}

/** So many may be under way or wait their turn; a proof takes about 0.7 s for a log of 200,000 events. */
const mostAtOnce = 8

const notNow = (reason: string): Either<Refusal, never> => left({ tag: 'NotReady', reason })

/**
 * Proves tickets in a thread of their own, so that this one goes on answering; one after another, so that many who ask at
 * once cost one thread, and beyond `mostAtOnce` are refused. A ticket that cannot be proved is damaged, as is a log that lost what was signed: the reason is
 * logged. Rejects with what else ended it.
 */
export const proveApart = (place: LogPlace, folder: string, log: ProvingLog): Prove => {
  let before: Promise<unknown> = Promise.resolve()
  let waiting = 0
  return async (ticket, isWanted) => {
    if (waiting >= mostAtOnce) return notNow('many proofs are being made')
    waiting++
    const own = before
      .then(() => (isWanted() ? inThread({ place, folder, ticket }) : null))
      .finally(() => {
        waiting--
      })
    before = own.catch(() => undefined)
    const bundle = await own
    if (bundle === null) return notNow('nobody waits for it')
    if (bundle._tag === 'Right') return bundle
    log.error({ ticket, reason: bundle.left }, 'a ticket could not be proved')
    return left({ tag: 'DamagedStream', stream: ticketStream(ticket) })
  }
}
