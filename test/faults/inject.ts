import { execFileSync } from 'node:child_process'
import { mkdirSync, openSync, readSync, writeSync } from 'node:fs'
import { constants } from 'node:os'
import { join, resolve } from 'node:path'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Calls of a process that fail. */
export interface Fault {
  readonly operation: 'open' | 'read' | 'write' | 'sync'
  /** How the path of the file ends. */
  readonly file: string
  /** By default EIO. */
  readonly error?: 'EIO' | 'ENOSPC' | 'EROFS'
  /** So many calls succeed first. */
  readonly skip?: number
  /** So many calls fail; by default all, until `end`. */
  readonly times?: number
  /** Only reads of bytes from the first offset up to the second one fail. */
  readonly bytes?: readonly [from: number, to: number]
}

interface Injected {
  /** How many calls have failed. */
  readonly failed: () => number
  readonly end: () => void
}

/** The layout of a rule in test/faults/faulty-io.c. */
const [size, fileAt, bytesAt, errorAt, skipAt, timesAt, failedAt] = [256, 16, 176, 192, 196, 200, 204]
const rules = 16

const source = join(import.meta.dirname, 'faulty-io.c')

/** Compiles the library that is preloaded; null where there is no C compiler, or no such preloading. */
const compile = (folder: string): string | null => {
  if (process.platform !== 'linux') return null
  const library = join(folder, 'faulty-io.so')
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'], {
      stdio: ['ignore', 'ignore', 'ignore'],
    })
    return library
  } catch {
    return null
  }
}

const tools = temporaryFolder()
process.once('exit', tools.remove)
const library = compile(tools.path)

/** False where faults cannot be injected: the tests are skipped then. */
export const canInject = library !== null

let processes = 0

/** The environment of a process whose calls can be made to fail, and what makes them. */
export const faultyEnvironment = (): {
  readonly env: NodeJS.ProcessEnv
  readonly inject: (fault: Fault) => Injected
} => {
  const folder = resolve(tools.path, String(++processes))
  mkdirSync(folder)
  const file = join(folder, 'faults')
  const handle = openSync(file, 'w+')
  writeSync(handle, Buffer.alloc(size * rules), 0, size * rules, 0)
  let used = 0
  return {
    env: { LD_PRELOAD: library ?? '', LEDGERDESK_FAULTS: file },
    inject: ({ operation, file: name, error = 'EIO', skip = 0, times = -1, bytes = [0, 0] }) => {
      const at = used++ * size
      if (used > rules) throw new Error(`at most ${rules} faults for one process`)
      const rule = Buffer.alloc(failedAt)
      rule.write(operation, 0)
      rule.write(name, fileAt)
      for (const [n, offset] of bytes.entries()) rule.writeBigInt64LE(BigInt(offset), bytesAt + 8 * n)
      rule.writeInt32LE(constants.errno[error], errorAt)
      rule.writeInt32LE(skip, skipAt)
      // The number of times last: it arms the rule.
      writeSync(handle, rule, 0, timesAt, at)
      const write = (value: number): void => {
        const number = Buffer.alloc(4)
        number.writeInt32LE(value)
        writeSync(handle, number, 0, 4, at + timesAt)
      }
      write(times)
      return {
        failed: () => {
          const number = Buffer.alloc(4)
          readSync(handle, number, 0, 4, at + failedAt)
          return number.readInt32LE()
        },
        end: () => write(0),
      }
    },
  }
}
