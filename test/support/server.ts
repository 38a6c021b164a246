import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

const root = resolve(import.meta.dirname, '../..')
export const launcher = join(root, 'app/ledgerdesk.js')

/** A folder that goes when the tests of its file are done. */
export const temporaryFolder = (): { readonly path: string; readonly remove: () => void } => {
  const path = mkdtempSync(join(tmpdir(), 'ledgerdesk-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) }
}

export interface RunningServer {
  readonly url: string
  readonly process: ChildProcess
  /** SIGTERM, and wait for the end; answers the exit code. */
  readonly stop: () => Promise<number | null>
  /** SIGKILL, and wait for the end. */
  readonly kill: () => Promise<void>
}

/** Starts the real server in a process of its own on a free port; resolves once it serves. `program`: another tree. */
export const startServer = async (
  data: string,
  env: NodeJS.ProcessEnv = {},
  program = root,
): Promise<RunningServer> => {
  const child = spawn(process.execPath, [join(program, 'app/ledgerdesk.js'), 'serve'], {
    cwd: program,
    env: { ...process.env, PORT: '0', LEDGERDESK_DATA: data, LOG_LEVEL: 'error', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const ended = once(child, 'exit')
  const url = await new Promise<string>((listening, failed) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /^listening on (http:\S+)$/.exec(line)?.[1]
      if (found !== undefined) listening(found)
    })
    void ended.then(() => failed(new Error(`the server did not start: ${errors}`)))
  })
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

/** Runs the command line as a person would, to its end, in an environment that adds to this process's. */
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

/** The same on a data folder. */
export const ledgerdesk = (data: string, ...words: readonly string[]): Promise<Ended> =>
  ledgerdeskIn({ LEDGERDESK_DATA: data }, ...words)
