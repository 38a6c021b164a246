import { createServer } from 'node:http'
import { urlOf } from './listening-url.ts'
import type { HttpMetrics } from './ports.ts'
import { isReading } from './send.ts'

export interface MetricsServer {
  readonly url: string
  readonly close: () => Promise<void>
}

/**
 * Serves `/metrics`, and nothing else, at an address of its own, which needs no token: the operator chooses who reaches
 * it. Rejects where the address cannot be listened at.
 */
export const serveMetrics = async (
  { host, port }: { readonly host: string; readonly port: number },
  { contentType, text }: HttpMetrics,
  onError: (error: unknown) => void,
): Promise<MetricsServer> => {
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 10_000 }, (request, response) => {
    if (request.url !== '/metrics' || !isReading(request)) {
      response.writeHead(404).end()
      return
    }
    text().then(
      (content) => response.writeHead(200, { 'Content-Type': contentType, 'Cache-Control': 'no-store' }).end(content),
      (error: unknown) => {
        onError(error)
        response.writeHead(500).end()
      },
    )
  })
  server.maxConnections = 100
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return {
    url: urlOf(server, host),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
