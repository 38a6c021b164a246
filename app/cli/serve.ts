import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { codeOf } from '../../adapters/errors.ts'
import { demoPeople } from '../../adapters/identity/demo-people.ts'
import { readConfig, type Config } from '../config.ts'
import { fillDemo } from '../demo/fill.ts'
import { startServer } from '../server.ts'
import { systemPorts } from '../system.ts'
import { Failure } from './failure.ts'
import { print } from './output.ts'

const started = async (config: Config): ReturnType<typeof startServer> => {
  try {
    return await startServer(config)
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE') {
      throw new Failure(`PORT: ${config.host}:${config.port} is taken; choose another, or 0 for a free one`)
    }
    if (codeOf(error) === 'EACCES') throw new Failure(`the port or the data folder may not be used: ${String(error)}`)
    throw error
  }
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends at once. */
const toldToStop = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })

/** Serves until told to stop, and then finishes what it acknowledged. With `demo`, on a throw-away folder. */
export const serve = async (env: NodeJS.ProcessEnv, demo: boolean): Promise<void> => {
  const folder = demo ? mkdtempSync(join(tmpdir(), 'ledgerdesk-demo-')) : undefined
  const config = readConfig(
    folder === undefined ? env : { ...env, LEDGERDESK_DATA: folder, LEDGERDESK_EVENT_STORE: 'sqlite' },
  )
  const stop = toldToStop()
  try {
    const server = await started(config)
    if (demo) await fillDemo(server.commands, demoPeople, systemPorts.clock.now())
    await print(`listening on ${server.url}`)
    const where = folder === undefined ? '' : `LEDGERDESK_DATA=${folder} `
    await print(`a token to try it with:  ${where}npx ledgerdesk token --demo "Ann Archer"`)
    await print(`the API, to read and try: ${server.url}/docs`)
    await stop
    await server.close()
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
}
