import { demoToken } from '../support/demo.ts'
import { startServer, type RunningServer } from '../support/server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

export interface BenchServer {
  readonly server: RunningServer
  /** Its data folder, removed when this process ends. */
  readonly folder: string
  /** The headers of a JSON request by Ann Archer, a customer of the demo. */
  readonly headers: Readonly<Record<string, string>>
  readonly token: string
}

/**
 * Starts a server without a rate limit on a new data folder, which `fill` may write to first. Server and folder end with
 * this process.
 */
export const benchServer = async (fill?: (folder: string) => Promise<void>): Promise<BenchServer> => {
  const { path: folder, remove } = temporaryFolder()
  await fill?.(folder)
  const server = await startServer(folder, { LEDGERDESK_RATE_LIMIT: '100000000' })
  process.once('exit', remove)
  const token = await demoToken(folder, 'Ann Archer')
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return { server, folder, headers, token }
}
