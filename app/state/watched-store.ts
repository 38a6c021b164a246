import { isLeft } from 'fp-ts/lib/Either.js'
import { unwritableLog } from '../../adapters/event-store/sqlite/group-commit.ts'
import type { SqliteEventStore } from '../../adapters/event-store/sqlite/store.ts'
import type { AppendFailure } from '../../domain/event-log/event-store.ts'
import type { ServerEvent } from './server-state.ts'

/** How often it is looked up whether a disk that was full or read-only takes writes again, in ms. */
const retryMs = 5_000

type WriteFailure = Pick<Extract<ServerEvent, { tag: 'LogWriteFailed' }>, 'reason'> & { readonly isLasting: boolean }

/** What a failed append says about the log as a whole; null where it concerns this append alone. */
const writeFailureOf = (failure: AppendFailure): WriteFailure | null => {
  switch (failure.tag) {
    case 'StorageFull':
      return { reason: 'the disk is full', isLasting: false }
    case 'OutcomeUnknown':
      return { reason: `${failure.reason}; restart the server once the disk is mended`, isLasting: true }
    case 'StoreUnavailable':
      return failure.reason.startsWith(unwritableLog)
        ? { reason: failure.reason.slice(unwritableLog.length + 2), isLasting: false }
        : null
    case 'LogSealed':
    case 'WrongExpectedVersion':
    case 'DamagedStream':
    case 'StoreClosed':
      return null
  }
}

/**
 * The store of a data folder, whose failed appends are reported. After a failed commit the log takes no more writes until
 * the server is started again; after other errors the next append tries again, and the log is probed meanwhile, since a
 * server that is not ready may get no commands.
 */
export const watchedStore = <S extends SqliteEventStore>(store: S, report: (event: ServerEvent) => void): S => {
  let failure: WriteFailure | null = null
  let timer: NodeJS.Timeout | undefined
  const recover = (): void => {
    failure = null
    clearInterval(timer)
    report({ tag: 'LogWritable' })
  }
  const fail = (next: WriteFailure): void => {
    if (failure?.isLasting === true) return
    failure = next
    clearInterval(timer)
    if (!next.isLasting) timer = setInterval(() => store.takesWrites() && recover(), retryMs).unref()
    report({ tag: 'LogWriteFailed', reason: next.reason })
  }
  return {
    ...store,
    append: (stream, expected, events) => {
      const append = store.append(stream, expected, events)
      return async () => {
        const outcome = await append()
        if (isLeft(outcome)) {
          const next = writeFailureOf(outcome.left)
          if (next !== null) fail(next)
        } else if (failure !== null && !failure.isLasting) recover()
        return outcome
      }
    },
    close: async () => {
      clearInterval(timer)
      await store.close()
    },
  }
}
