import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { codeOf, messageOf } from '../../adapters/errors.ts'
import { demoPeople } from '../../adapters/identity/demo-people.ts'
import { readConfig, type Config } from '../config.ts'
import { fillDemo } from '../demo/fill.ts'
import type { Failure } from '../failures.ts'
import { startServer, type RunningServer } from '../server.ts'
import { systemPorts } from '../system.ts'
import { ignoreOutputErrors, print } from './output.ts'

/** The longest that a start and a server take to end after the signal, in ms. */
const longestEndMs = { starting: 4_500, serving: 9_500 }

const signals = ['SIGINT', 'SIGTERM'] as const

/** Resolves at the first SIGINT or SIGTERM. The next one has its default effect, so it ends the process at once. */
const stopSignal = (): Promise<void> =>
  new Promise((resolve) => {
    const stop = (): void => {
      for (const signal of signals) process.removeAllListeners(signal)
      resolve()
    }
    for (const signal of signals) {
      // The launcher's listeners end the process: until here nothing was opened. They are replaced in this order because
      // a signal that has arrived and was not delivered is lost when the last listener is removed.
      const before = process.listeners(signal)
      process.on(signal, stop)
      for (const listener of before) process.off(signal, listener)
    }
  })

/** The port that a failed `listen` names. */
const portOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'port' in error ? error.port : undefined

/** The reason in one line for which the machine does not let a server start; null for a bug. */
const failureOf = (error: unknown, { host, port, metrics, data }: Config): Failure | null => {
  const code = codeOf(error)
  if (code === 'EADDRINUSE') {
    const isMetrics = metrics !== undefined && portOf(error) === metrics.port
    const reason = isMetrics
      ? `LEDGERDESK_METRICS: ${metrics.host}:${metrics.port} is in use`
      : `PORT: ${host}:${port} is in use`
    return { code: 'UnusableAddress', reason, remedy: 'choose another port, or 0 for a free one' }
  }
  if (code === 'EACCES') {
    const reason = `access is denied: ${messageOf(error)}`
    return { code: 'UnusableAddress', reason, remedy: 'check PORT and the owner of LEDGERDESK_DATA' }
  }
  if (['ENOSPC', 'EDQUOT', 'SQLITE_FULL'].includes(code)) {
    const reason = `LEDGERDESK_DATA: the disk of ${data} is full (${code})`
    return { code: 'UnusableData', reason, remedy: 'make room and start again' }
  }
  if (/^(SQLITE_|E[A-Z]+$)/.test(code)) {
    const reason = `LEDGERDESK_DATA: ${data} cannot be used: ${messageOf(error)} (${code})`
    return { code: 'UnusableData', reason, remedy: 'check the disk and the owner of the folder' }
  }
  return null
}

/** Runs a part of the start; what the machine refuses is a Left. */
const attemptStart = async <A>(config: Config, part: () => Promise<A>): Promise<Either<Failure, A>> => {
  try {
    return right(await part())
  } catch (error) {
    const failure = failureOf(error, config)
    if (failure === null) throw error
    return left(failure)
  }
}

/** Waits until the server answers all requests, and says so; null where it was closed before. */
const announce = async (server: RunningServer, auth: Config['auth'], demoFolder: string | undefined): Promise<void> => {
  const commands = await server.started
  if (commands === null) return
  if (demoFolder !== undefined) await fillDemo(commands, demoPeople, systemPorts.clock.now())
  await print(`listening on ${server.url}`)
  const variable = demoFolder === undefined ? '' : `LEDGERDESK_DATA=${demoFolder} `
  if (auth === 'demo') await print(`a token to try it with:  ${variable}npx ledgerdesk token --demo "Ann Archer"`)
  await print(`the API, to read and try: ${server.url}/docs`)
}

/** Closes within a bounded time: what still runs then is ended as by a crash, which loses nothing acknowledged. */
const closeInTime = async (server: RunningServer, longestMs: number, removeDemo: () => void): Promise<void> => {
  const late = setTimeout(() => {
    removeDemo()
    process.exit()
  }, longestMs)
  await server.close()
  // Whatever was left open must not keep the process alive either.
  late.unref()
}

/** What makes `serve --demo` independent of other settings. */
const demoEnvironment = { LEDGERDESK_AUTH: 'demo', LEDGERDESK_EVENT_STORE: 'sqlite', LEDGERDESK_EVENT_STORE_FILE: '' }

/** `serve`: runs the server until it gets a signal, and then finishes what it began. With `demo`, on a temporary folder. */
export const serve =
  (env: NodeJS.ProcessEnv, demo: boolean): TaskEither<Failure, void> =>
  async () => {
    const stopped = stopSignal()
    ignoreOutputErrors()
    const folder = demo ? mkdtempSync(join(tmpdir(), 'ledgerdesk-demo-')) : undefined
    const removeDemo = (): void => {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
    }
    try {
      const config = readConfig(folder === undefined ? env : { ...env, ...demoEnvironment, LEDGERDESK_DATA: folder })
      if (isLeft(config)) return config
      const listening = await attemptStart(config.right, () => startServer(config.right))
      if (isLeft(listening)) return listening
      const server = listening.right
      let longestMs = longestEndMs.starting
      const announced = attemptStart(config.right, async () => {
        await announce(server, config.right.auth, folder)
        longestMs = longestEndMs.serving
      })
      try {
        const outcome = await Promise.race([stopped, announced])
        if (outcome !== undefined && isLeft(outcome)) return outcome
        await stopped
        return right(undefined)
      } finally {
        await closeInTime(server, longestMs, removeDemo)
      }
    } finally {
      removeDemo()
    }
  }
