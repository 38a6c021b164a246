import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'

/** The server's end of one client's event stream. It buffers a bounded amount for a client that does not read. */
export interface Connection {
  /** False where the connection was closed, or is closed now because too much waits for the client. */
  readonly write: (text: string) => boolean
  /** True once the client has read what was written; after `ms` milliseconds without that the connection is closed. */
  readonly drained: (ms: number) => Promise<boolean>
  /** Closes the connection if nothing of what waits was read since the last call. */
  readonly closeIfStalled: () => void
  readonly isClosed: () => boolean
  readonly onClosed: (listener: () => void) => void
  readonly end: () => void
}

/** The most bytes that wait for one client, beyond the buffers of the operating system. */
const bufferLimit = 256 * 1024

export const connectionTo = (response: ServerResponse): Connection => {
  let waitedBefore = 0
  const isClosed = (): boolean => response.destroyed || response.writableEnded
  return {
    write: (text) => {
      if (isClosed()) return false
      if (response.writableLength + text.length <= bufferLimit) {
        response.write(text)
        return true
      }
      response.destroy()
      return false
    },
    drained: async (ms) => {
      if (isClosed()) return false
      if (!response.writableNeedDrain) return true
      const settled = new AbortController()
      const { signal } = settled
      const first = (name: string): Promise<boolean> => once(response, name, { signal }).then(() => name === 'drain')
      const isDrained = await Promise.race([first('drain'), first('close'), wait(ms, false, { signal, ref: false })])
      settled.abort()
      if (!isDrained) response.destroy()
      return isDrained
    },
    closeIfStalled: () => {
      const waiting = response.writableLength
      if (waitedBefore > 0 && waiting >= waitedBefore) response.destroy()
      waitedBefore = waiting
    },
    isClosed,
    onClosed: (listener) => void response.once('close', listener),
    end: () => void response.end(),
  }
}
