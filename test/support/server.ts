import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { buildPages } from '../../adapters/web/build.ts'

const root = resolve(import.meta.dirname, '../..')
export const launcher = join(root, 'app/ledgerdesk.js')

export interface RunningServer {
  readonly url: string
  readonly process: ChildProcess
  /** Sends SIGTERM; resolves to the exit code once the process has ended. */
  readonly stop: () => Promise<number | null>
  /** Sends SIGKILL; resolves once the process has ended. */
  readonly kill: () => Promise<void>
}

/** Servers that still run; they end with this process, also when a test fails before it stops its server. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A server that was spawned, and may not serve yet. */
export interface SpawnedServer {
  readonly process: ChildProcess
  /** Resolves with the URL once it serves; rejects where it ends before. */
  readonly serving: Promise<string>
  /** Resolves with the exit code once the process has ended; null where a signal ended it. */
  readonly ended: Promise<number | null>
}

/** Spawns the real server with its pages on a free port. `program`: the root of another tree. */
export const spawnServer = async (
  data: string,
  env: NodeJS.ProcessEnv = {},
  { program = root, stderr = 'pipe' }: { readonly program?: string; readonly stderr?: 'pipe' | 'unread' | number } = {},
): Promise<SpawnedServer> => {
  if (program === root) await buildPages()
  const child = spawn(process.execPath, [join(program, 'app/ledgerdesk.js'), 'serve'], {
    cwd: program,
    env: { ...process.env, PORT: '0', LEDGERDESK_DATA: data, LOG_LEVEL: 'error', ...env },
    stdio: ['ignore', 'pipe', stderr === 'unread' ? 'pipe' : stderr],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  let errors = ''
  if (stderr === 'pipe') child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const ended = once(child, 'exit').then(() => child.exitCode)
  const serving = new Promise<string>((listening, failed) => {
    if (child.stdout === null) throw new Error('the server has no stdout')
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /^listening on (http:\S+)$/.exec(line)?.[1]
      if (found !== undefined) listening(found)
    })
    void ended.then(() => failed(new Error(`the server did not start: ${errors}`)))
  })
  // Who stops a server before it serves does not wait for this.
  serving.catch(() => undefined)
  return { process: child, serving, ended }
}

/** Starts the real server with its pages, in a process of its own on a free port; resolves once it serves. */
export const startServer = async (
  data: string,
  env: NodeJS.ProcessEnv = {},
  program = root,
): Promise<RunningServer> => {
  const { process: child, serving, ended } = await spawnServer(data, env, { program })
  const url = await serving
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal)
    await ended
  }
  return {
    url,
    process: child,
    stop: async () => {
      await end('SIGTERM')
      return child.exitCode
    },
    kill: () => end('SIGKILL'),
  }
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command line in a process of its own, to its end. `env` is added to this process's environment. */
export const ledgerdeskIn = async (env: NodeJS.ProcessEnv, ...words: readonly string[]): Promise<Ended> => {
  const child = spawn(process.execPath, [launcher, ...words], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const [code] = await once(child, 'close')
  return { code: typeof code === 'number' ? code : null, stdout, stderr }
}

/** Runs the command line on a data folder. */
export const ledgerdesk = (data: string, ...words: readonly string[]): Promise<Ended> =>
  ledgerdeskIn({ LEDGERDESK_DATA: data }, ...words)
