import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { createApp } from './app.ts'
import type { HttpPorts } from './ports.ts'

export interface HttpServer {
  /** Port 0 picks a free one. Resolves with the URL that it serves at; rejects where the port is taken. */
  readonly listen: (port: number, host: string) => Promise<string>
  /** Takes no more connections, lets the requests in flight finish for a bounded time, then resolves. */
  readonly close: () => Promise<void>
}

/**
 * Slow or countless clients must not hold a server that others wait for (reliability, fact 11). A whole request may take
 * as long as ten files of the largest size need on a slow line; `keepPace` sees to it that its bytes keep coming.
 */
const timeouts = {
  headersTimeout: 10_000,
  requestTimeout: 20 * 60_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 2_000,
}
const connectionLimit = 10_000

const urlOf = (server: Server, host: string): string => {
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port')
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`
}

/** The HTTP edge: it decodes, calls and encodes, and decides nothing. It opens no port until told. */
export const createHttpServer = (ports: HttpPorts): HttpServer => {
  let closing = false
  let url = ports.publicUrl ?? ''
  const app = createApp(ports, { open: () => !closing, url: () => url })
  const server = createServer(timeouts, app)
  server.maxConnections = connectionLimit
  server.prependListener('request', (_request, response) => {
    if (closing) response.setHeader('Connection', 'close')
    else response.once('finish', () => closing && setImmediate(() => server.closeIdleConnections()))
  })
  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => {
          server.off('error', reject)
          const listening = urlOf(server, host)
          url = ports.publicUrl ?? listening
          resolve(listening)
        })
      }),
    close: async () => {
      if (closing) return
      closing = true
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      const patience = new AbortController()
      const late = wait(ports.graceMs ?? 10_000, undefined, { signal: patience.signal }).then(
        () => server.closeAllConnections(),
        () => undefined,
      )
      await closed
      patience.abort()
      await late
    },
  }
}
