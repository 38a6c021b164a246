import { demoToken } from '../support/demo.ts'
import { startServer, temporaryFolder, type RunningServer } from '../support/server.ts'

export interface BenchServer {
  readonly server: RunningServer
  /** Its data folder, which goes with this process. */
  readonly folder: string
  /** Of Ann Archer, as every request sends them. */
  readonly headers: Readonly<Record<string, string>>
  readonly token: string
}

/**
 * A server of its own, on an empty folder or one that is filled first, whose callers may ask as often as they can. It
 * ends with this process.
 */
export const benchServer = async (fill?: (folder: string) => Promise<void>): Promise<BenchServer> => {
  const { path: folder, remove } = temporaryFolder()
  await fill?.(folder)
  const server = await startServer(folder, { LEDGERDESK_RATE_LIMIT: '100000000' })
  process.once('exit', () => {
    server.process.kill()
    remove()
  })
  const token = await demoToken(folder, 'Ann Archer')
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return { server, folder, headers, token }
}
