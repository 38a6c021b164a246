import { join } from 'node:path'
import { demoPeople } from '../../adapters/identity/demo-people.ts'
import { demoIdentity } from '../../adapters/identity/demo.ts'
import { openKeyring } from '../../adapters/identity/keyring.ts'
import { clientOf, type Client } from './client.ts'
import type { ClusterPlace } from './eventstoredb/place.ts'
import { startServer, type RunningServer } from './server.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface Cluster {
  readonly env: NodeJS.ProcessEnv
  /** Starts another API process, with its own read models. */
  readonly serve: () => Promise<RunningServer & { readonly as: (name: string) => Promise<Client> }>
  /** Ends the servers and the stand-in. */
  readonly close: () => Promise<void>
}

/** API processes on one cluster, which share a signing key and the folder of files. */
export const startCluster = (place: ClusterPlace, more: NodeJS.ProcessEnv = {}): Cluster => {
  const folder = temporaryFolder()
  const keyFile = join(folder.path, 'key')
  const identity = demoIdentity(openKeyring(keyFile, { now: Date.now }), { now: Date.now })
  const servers: RunningServer[] = []
  const env = {
    LEDGERDESK_EVENT_STORE: place.connectionString,
    LEDGERDESK_KEYS: keyFile,
    LEDGERDESK_FILES: join(folder.path, 'files'),
    LOG_LEVEL: 'fatal',
    ...more,
  }
  return {
    env,
    serve: async () => {
      const server = await startServer(join(folder.path, `server-${servers.length}`), env)
      servers.push(server)
      return {
        ...server,
        as: async (name) => {
          const person = demoPeople.find((each) => each.name === name)
          if (person === undefined) throw new Error(`there is no demo person ${name}`)
          return clientOf(server.url, await identity.issue(person, 3_600))
        },
      }
    },
    close: async () => {
      await Promise.all(servers.map((server) => server.kill()))
      place.close()
      folder.remove()
    },
  }
}
