import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'

/** The end of a stream of events at one client. What it does not read is not kept for it. */
export interface Sink {
  /** False when the client was cut off, or is gone. */
  readonly write: (text: string) => boolean
  /** True once there is room for more; a client that makes none within `ms` is cut off. */
  readonly drained: (ms: number) => Promise<boolean>
  /** Cuts the client off if nothing of what waits has gone out since this was last asked. */
  readonly prod: () => void
  readonly isGone: () => boolean
  readonly onGone: (then: () => void) => void
  readonly end: () => void
}

/** The most bytes that wait for one client, beyond what the system's own buffers take. */
const bufferLimit = 256 * 1024

export const sinkTo = (response: ServerResponse): Sink => {
  let waited = 0
  const isGone = (): boolean => response.destroyed || response.writableEnded
  return {
    write: (text) => {
      if (isGone()) return false
      if (response.writableLength + text.length <= bufferLimit) {
        response.write(text)
        return true
      }
      response.destroy()
      return false
    },
    drained: async (ms) => {
      if (isGone()) return false
      if (!response.writableNeedDrain) return true
      const over = new AbortController()
      const { signal } = over
      const heard = (name: string): Promise<boolean> => once(response, name, { signal }).then(() => name === 'drain')
      const went = await Promise.race([heard('drain'), heard('close'), wait(ms, false, { signal, ref: false })])
      over.abort()
      if (!went) response.destroy()
      return went
    },
    prod: () => {
      const waiting = response.writableLength
      if (waited > 0 && waiting >= waited) response.destroy()
      waited = waiting
    },
    isGone,
    onGone: (then) => void response.once('close', then),
    end: () => void response.end(),
  }
}
