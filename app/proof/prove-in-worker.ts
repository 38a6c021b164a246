import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { Prove } from '../../adapters/http/ports.ts'
import { ticketStream, type TicketId } from '../../domain/ids.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { LogPlace } from '../event-store.ts'
import { logFieldsOf, type Failure } from '../failures.ts'
import { keyedMutex } from '../keyed-mutex.ts'
import { runInWorker } from '../run-in-worker.ts'

export interface ProofRequest {
  readonly place: LogPlace
  readonly folder: string
  readonly ticket: TicketId
}
export type ProofResult = E.Either<Failure, string>

const runWorker = (request: ProofRequest): Promise<ProofResult> =>
  runInWorker(new URL('prove-worker.ts', import.meta.url), request, { isBackground: true }, (worker, resolve) =>
    worker.on('message', resolve),
  )

interface ProvingLog {
  readonly error: (fields: object, message: string) => void
}

/** Requests that run or wait; a proof takes about 0.7 s for a log of 200,000 events. */
const maxRequests = 8

/**
 * Proves tickets in a worker thread, one at a time, so that the server goes on responding. Requests beyond `maxRequests`
 * are refused with `NotReady`. A ticket that cannot be proved is refused as damaged, and the failure is logged. Rejects
 * with anything that the thread throws.
 */
export const proveInWorker = (place: LogPlace, folder: string, log: ProvingLog): Prove => {
  const exclusive = keyedMutex()
  let requests = 0
  return async (ticket, begin) => {
    if (requests >= maxRequests) return E.left({ tag: 'NotReady', reason: 'many proofs are being made' })
    requests++
    const refused = (failure: Failure): Refusal => {
      log.error({ ticket, ...logFieldsOf(failure) }, 'a ticket could not be proved')
      return { tag: 'DamagedStream', stream: ticketStream(ticket) }
    }
    try {
      return await exclusive('proof', async () => {
        const begun = await begin()
        return E.isLeft(begun) ? begun : pipe(await runWorker({ place, folder, ticket }), E.mapLeft(refused))
      })
    } finally {
      requests--
    }
  }
}
