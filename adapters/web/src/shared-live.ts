import { openChannel } from './channel.ts'

/** What the live connection brings, and what becomes of it. */
export type LiveMessage =
  /** `isAfterGap`: changes may have been missed since the page last heard of any. */
  | { readonly kind: 'opened'; readonly isAfterGap: boolean }
  | { readonly kind: 'lost' }
  /** The connection was refused, and is tried again. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'ticket' | 'counters' | 'notification'; readonly data: string }

/** The wait before a new connection where the browser does not reconnect by itself, as after a proxy's error, in ms. */
const reconnectMs = 2_000

/**
 * One connection after another until stopped. After most losses the browser reconnects itself with the last event id.
 * `isTakeover`: another tab had the connection before.
 */
const connect = (isTakeover: boolean, publish: (message: LiveMessage) => void): (() => void) => {
  let source: EventSource | null = null
  let timer: ReturnType<typeof setTimeout> | null = null
  let isAfterGap = isTakeover
  const open = (): void => {
    const own = new EventSource('/v1/live')
    source = own
    own.addEventListener('open', () => {
      publish({ kind: 'opened', isAfterGap })
      isAfterGap = false
    })
    own.addEventListener('error', () => {
      publish({ kind: 'lost' })
      isAfterGap = true
      if (own.readyState !== EventSource.CLOSED) return
      timer = setTimeout(() => {
        publish({ kind: 'refused' })
        open()
      }, reconnectMs)
    })
    for (const kind of ['ticket', 'counters', 'notification'] as const) {
      own.addEventListener(kind, ({ data }: MessageEvent<string>) => publish({ kind, data }))
    }
  }
  open()
  return () => {
    if (timer !== null) clearTimeout(timer)
    source?.close()
  }
}

/**
 * Receives live messages through one connection for all tabs of a person: HTTP/1.1 allows a browser six connections to a
 * server. The tab that holds the lock has the connection and sends its messages to the others; when it is closed, the
 * browser gives the lock to the next. Without locks, which need a secure context, each tab has its own connection.
 * Returns what ends it.
 */
export const shareLive = (person: string, receive: (message: LiveMessage) => void): (() => void) => {
  if (!('locks' in navigator)) return connect(false, receive)
  const name = `live:${person}`
  const stopped = new AbortController()
  const { signal } = stopped
  /** Whether this tab has the connection, and it is lost. */
  let isLost = false
  const channel = openChannel<LiveMessage | 'joined'>(name, (message) => {
    if (message !== 'joined') receive(message)
    // A tab that is opened during an outage learns of it.
    else if (isLost) channel.send({ kind: 'lost' })
  })

  const lead = (isTakeover: boolean): Promise<void> => {
    if (signal.aborted) return Promise.resolve()
    const end = connect(isTakeover, (message) => {
      if (message.kind === 'lost') isLost = true
      if (message.kind === 'opened') isLost = false
      receive(message)
      channel.send(message)
    })
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        end()
        resolve()
      })
    })
  }
  const run = async (): Promise<void> => {
    const isLeader = await navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
      if (lock !== null) await lead(false)
      return lock !== null
    })
    if (isLeader) return
    channel.send('joined')
    await navigator.locks.request(name, { signal }, () => lead(true))
  }
  run().catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
  return () => {
    stopped.abort()
    channel.close()
  }
}
