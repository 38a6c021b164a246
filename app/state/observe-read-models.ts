import { isRight } from 'fp-ts/lib/Either.js'
import { start, type Position } from '../../domain/event-log/envelope.ts'
import type { EventStore } from '../../domain/event-log/event-store.ts'
import type { ReadModels } from '../projections/read-models.ts'
import type { ReadModelsObserved, ServerEvent } from './server-state.ts'

const everyMs = 500

type Observed = Pick<ReadModels<unknown>, 'ready' | 'lagSeconds' | 'logFailure' | 'checkpoint'>

const shareOf = (position: Position, head: Position): number | null =>
  head === start ? null : Math.min(1, Number(position) / Number(head))

/** A read model whose file is being replaced cannot be read: it is not caught up. */
const observe = (models: Observed, head: Position): ReadModelsObserved => {
  try {
    const isCaughtUp = models.ready()
    return {
      isCaughtUp,
      lagSeconds: models.lagSeconds(),
      logFailure: models.logFailure(),
      progress: isCaughtUp ? null : shareOf(models.checkpoint(), head),
    }
  } catch {
    return { isCaughtUp: false, lagSeconds: 0, logFailure: null, progress: null }
  }
}

/** Reports twice a second how far the read models are. The head of the log is read only while they catch up. */
export const observeReadModels = (
  models: Observed,
  store: Pick<EventStore, 'head'>,
  report: (event: ServerEvent) => void,
): {
  /** Reports it now, too. */
  readonly report: () => void
  readonly close: () => Promise<void>
} => {
  let head: Position = start
  let closed = false
  let timer: NodeJS.Timeout | undefined
  const reportNow = (): void => {
    if (!closed) report({ tag: 'ReadModelsObserved', observed: observe(models, head) })
  }
  const look = async (): Promise<void> => {
    if (!models.ready()) {
      const read = await store.head()()
      if (isRight(read)) head = read.right
    }
    reportNow()
  }
  const again = (): void => {
    void look()
      .catch(() => undefined)
      .then(() => {
        if (!closed) timer = setTimeout(again, everyMs).unref()
      })
  }
  again()
  return {
    report: reportNow,
    close: () => {
      closed = true
      clearTimeout(timer)
      return Promise.resolve()
    },
  }
}
