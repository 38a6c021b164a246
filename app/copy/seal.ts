import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { readSeal } from '../../adapters/event-store/log-seal.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import { sealedTo, type LogSealed } from '../../domain/event-log/log-seal.ts'
import { emptyStream, sealEvents } from '../../domain/event-log/seal-events.ts'
import { commandIdFrom, fingerprintOf, personId, sealStream } from '../../domain/ids.ts'
import { attempt, storeReasonOf, type Failure } from '../failures.ts'
import { logAfter } from '../log-pages.ts'
import { systemPorts } from '../system.ts'

/** Where a sealed log goes on; null for a log that is not sealed. */
export const goesOnAt = (store: EventStore): TE.TaskEither<Failure, string | null> =>
  pipe(
    () => readSeal(store),
    TE.bimap(
      (failure): Failure => ({ code: 'UnreadableLog', what: 'the log', reason: storeReasonOf(failure) }),
      (seal) => (seal === null ? null : sealedTo(seal)),
    ),
  )

const { sha256, newId, newSalt, clock } = systemPorts
const actor = { id: personId('copy'), name: 'Copy', email: '', role: 'service' } as const

const appendSeal = (store: EventStore, to: string): TE.TaskEither<Failure, unknown> => {
  const event: LogSealed = { type: 'LogSealed', data: { to }, personal: {} }
  const now = new Date(clock.now()).toISOString()
  const context = {
    actor,
    commandId: commandIdFrom(newId()),
    correlationId: newId(),
    fingerprint: fingerprintOf(sha256, event),
    occurredAt: now,
    recordedAt: now,
  }
  return pipe(
    store.append(sealStream, 0, sealEvents(sha256, newSalt)(sealStream, emptyStream, context, [event])),
    TE.orElse((failure): TE.TaskEither<Failure, unknown> => {
      // Another process has sealed it meanwhile.
      if (failure.tag === 'WrongExpectedVersion' || failure.tag === 'LogSealed') return sealLog(store, to)
      return TE.left({ code: 'UnsealedLog', reason: storeReasonOf(failure) })
    }),
  )
}

/** Ends a log, which goes on at `to`. Sealing it again with the same place changes nothing. */
export const sealLog = (store: EventStore, to: string): TE.TaskEither<Failure, unknown> =>
  pipe(
    goesOnAt(store),
    TE.flatMap((sealed): TE.TaskEither<Failure, unknown> => {
      if (sealed === null) return appendSeal(store, to)
      return sealed === to ? TE.right(undefined) : TE.left({ code: 'SealedElsewhere', to: sealed })
    }),
  )

/** So many events after a seal are named; the others are counted. */
const named = 20

/**
 * Fails where events came after the seal: on a cluster no transaction keeps a server from appending until it has noticed
 * the seal.
 */
export const checkNothingAfterSeal = (store: EventStore): TE.TaskEither<Failure, void> =>
  attempt(async () => {
    const seal = await readSeal(store)
    if (E.isLeft(seal) || seal.right === null) return E.right(undefined)
    let count = 0
    const events: string[] = []
    for await (const { stream, version } of logAfter(store, seal.right.position)) {
      if (++count <= named) events.push(`${stream} ${version}`)
    }
    return count === 0 ? E.right(undefined) : E.left({ code: 'EventsAfterSeal', events, count })
  })
