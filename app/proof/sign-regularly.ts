import type { EventStore } from '../../domain/event-log/event-store.ts'
import { signNow } from './bundle.ts'

interface SigningLog {
  readonly error: (fields: object, message: string) => void
}

const everyMs = 5 * 60_000

/**
 * Signs the log at the start, every five minutes if it grew, and when closed: what is altered later can be told from
 * then on. A server that cannot sign says so and goes on serving.
 */
export const signRegularly = (
  folder: string,
  store: EventStore,
  log: SigningLog,
): { readonly close: () => Promise<void> } => {
  let underWay: Promise<unknown> = Promise.resolve()
  const sign = (): void => {
    underWay = underWay
      .then(() => signNow(store, folder))
      .catch((error: unknown) => log.error({ err: error }, 'the log could not be signed'))
  }
  sign()
  const timer = setInterval(sign, everyMs).unref()
  return {
    close: async () => {
      clearInterval(timer)
      sign()
      await underWay
    },
  }
}
