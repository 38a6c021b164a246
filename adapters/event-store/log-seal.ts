import { sealStream } from '../../domain/ids.ts'
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import type { EventStore, StoredEvent, StoreFailure } from '../../domain/event-log/event-store.ts'
import { sealedTo } from '../../domain/event-log/log-seal.ts'

/** The event that seals a log; null for a log that goes on. */
export const readSeal = async (store: EventStore): Promise<Either<StoreFailure, StoredEvent | null>> => {
  const events = await store.readStream(sealStream, { limit: 1 })()
  return isLeft(events) ? events : right(events.right[0] ?? null)
}

/** The same store; `onSealed` gets where the log goes on, each time that a subscription or a refused append meets its seal. */
export const noticeSeal = <S extends EventStore>(store: S, onSealed: (to: string) => void): S => ({
  ...store,
  append: (stream, expected, events) => {
    const append = store.append(stream, expected, events)
    return async () => {
      const outcome = await append()
      if (isLeft(outcome) && outcome.left.tag === 'LogSealed') onSealed(outcome.left.to)
      return outcome
    }
  },
  subscribe: (after, options, onBatch, onError) =>
    store.subscribe(
      after,
      options,
      (events) => {
        const seal = events.find(({ stream }) => stream === sealStream)
        if (seal !== undefined) onSealed(sealedTo(seal))
        return onBatch(events)
      },
      onError,
    ),
})

/** How long the answer that the log is not sealed is relied upon, in ms. */
const recheckMs = 1_000

/**
 * The same store, which refuses appends to a sealed log, for a store that no transaction spans: the seal is looked up
 * before an append, at most once a second, and noticed by every subscription. Until then appends of this process still
 * come after the seal; `copy --seal` names them.
 */
export const refuseOnceSealed = <S extends EventStore>(shared: S): S => {
  let to: string | null = null
  let checkedAt = Number.NEGATIVE_INFINITY
  let checking: Promise<Either<StoreFailure, void>> | null = null
  const store = noticeSeal(shared, (place) => (to = place))

  const look = async (): Promise<Either<StoreFailure, void>> => {
    const seal = await readSeal(store)
    checking = null
    if (isLeft(seal)) return seal
    checkedAt = performance.now()
    if (seal.right !== null) to = sealedTo(seal.right)
    return right(undefined)
  }
  /** Lookups of appends that arrive together are one. */
  const check = (): Promise<Either<StoreFailure, void>> => {
    if (to !== null || performance.now() - checkedAt < recheckMs) return Promise.resolve(right(undefined))
    return (checking ??= look())
  }

  return {
    ...store,
    append: (stream, expected, events) => async () => {
      const checked = await check()
      if (isLeft(checked)) return checked
      if (to !== null && stream !== sealStream) return left({ tag: 'LogSealed', to })
      const outcome = await store.append(stream, expected, events)()
      // The next append looks the seal up.
      if (stream === sealStream) checkedAt = Number.NEGATIVE_INFINITY
      return outcome
    },
  }
}
