import type { HttpPorts } from './ports.ts'

export interface HttpServer {
  /** Port 0 picks a free one. Resolves with the URL that it serves at; rejects where the port is taken. */
  readonly listen: (port: number, host: string) => Promise<string>
  /** Takes no more connections, lets the requests in flight finish for a bounded time, then resolves. */
  readonly close: () => Promise<void>
}

export const createHttpServer = (_ports: HttpPorts): HttpServer => {
  throw new Error('not built yet')
}
