import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { codeOf } from '../../adapters/errors.ts'
import { demoPeople } from '../../adapters/identity/demo-people.ts'
import { readConfig, type Config } from '../config.ts'
import { fillDemo } from '../demo/fill.ts'
import type { Failure } from '../failures.ts'
import { startServer, type RunningServer } from '../server.ts'
import { systemPorts } from '../system.ts'
import { print } from './output.ts'

const started = async (config: Config): Promise<Either<Failure, RunningServer>> => {
  try {
    return right(await startServer(config))
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE') {
      const reason = `PORT: ${config.host}:${config.port} is in use`
      return left({ code: 'UnusableAddress', reason, remedy: 'choose another port, or 0 for a free one' })
    }
    if (codeOf(error) === 'EACCES') {
      const reason = `access is denied: ${String(error)}`
      return left({ code: 'UnusableAddress', reason, remedy: 'check PORT and the owner of LEDGERDESK_DATA' })
    }
    throw error
  }
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
const stopSignal = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })

/** `serve`: runs the server until it gets a signal, and then finishes what it began. With `demo`, on a temporary folder. */
export const serve =
  (env: NodeJS.ProcessEnv, demo: boolean): TaskEither<Failure, void> =>
  async () => {
    const folder = demo ? mkdtempSync(join(tmpdir(), 'ledgerdesk-demo-')) : undefined
    try {
      const config = readConfig(
        folder === undefined ? env : { ...env, LEDGERDESK_DATA: folder, LEDGERDESK_EVENT_STORE: 'sqlite' },
      )
      if (isLeft(config)) return config
      const stopped = stopSignal()
      const running = await started(config.right)
      if (isLeft(running)) return running
      const server = running.right
      if (demo) await fillDemo(server.commands, demoPeople, systemPorts.clock.now())
      await print(`listening on ${server.url}`)
      const variable = folder === undefined ? '' : `LEDGERDESK_DATA=${folder} `
      await print(`a token to try it with:  ${variable}npx ledgerdesk token --demo "Ann Archer"`)
      await print(`the API, to read and try: ${server.url}/docs`)
      await stopped
      await server.close()
      return right(undefined)
    } finally {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
    }
  }
