import { write as writeFile } from 'node:fs'
import { Socket } from 'node:net'

/** Writes some bytes, and calls back with how many were written, and with the error that ended it. */
export type WriteBytes = (bytes: Buffer, done: (error: Error | null, written: number) => void) => void

/** Where log lines go. `pino` writes to it. */
export interface LogOutput {
  /** Takes a line with its line break. It never waits and never throws. */
  readonly write: (line: string) => void
  /** How many lines could not be written. */
  readonly lost: () => number
  /** Resolves when all lines are written or lost, and after `ms` milliseconds at the latest. */
  readonly flush: (ms: number) => Promise<void>
}

/** So many bytes wait for an output that is slower than the log; lines beyond them are lost. */
const defaultLimit = 1024 * 1024
const lineBreak = 10

const linesIn = (bytes: Buffer): number => bytes.reduce((count, byte) => (byte === lineBreak ? count + 1 : count), 0)

/**
 * Writes log lines one chunk after another. A line that cannot be written, or that arrives while too many wait, is lost
 * and counted: a log on a full disk or without a reader must not delay or end the server.
 */
export const createLogOutput = (write: WriteBytes, limit = defaultLimit): LogOutput => {
  let waiting: string[] = []
  let waitingBytes = 0
  let lost = 0
  let isWriting = false
  /** An error cut off a line: the next one begins on a new line. */
  let isInsideLine = false
  let onIdle: (() => void)[] = []

  const next = (): void => {
    if (waiting.length === 0) {
      isWriting = false
      for (const resolve of onIdle) resolve()
      onIdle = []
      return
    }
    isWriting = true
    const text = waiting.join('')
    waiting = []
    waitingBytes = 0
    writeRest(Buffer.from(isInsideLine ? `\n${text}` : text))
  }
  const writeRest = (bytes: Buffer): void =>
    write(bytes, (error, written) => {
      if (written > 0) isInsideLine = bytes[written - 1] !== lineBreak
      const rest = bytes.subarray(written)
      if (rest.length > 0 && error === null && written > 0) return writeRest(rest)
      lost += linesIn(rest)
      next()
    })

  return {
    write: (line) => {
      if (waitingBytes + line.length > limit) {
        lost++
        return
      }
      waiting.push(line)
      waitingBytes += line.length
      if (!isWriting) next()
    },
    lost: () => lost,
    flush: async (ms) => {
      if (!isWriting) return
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>((resolve) => {
        onIdle.push(resolve)
        timer = setTimeout(resolve, ms)
      })
      clearTimeout(timer)
    },
  }
}

/** Before a descriptor that takes nothing now is tried again, in ms. */
const retryMs = 50

/** Writes to a file or a device without waiting for it in this thread. */
const writeToFile =
  (fd: number): WriteBytes =>
  (bytes, done) => {
    const attempt = (): void =>
      writeFile(fd, bytes, (error, written) => {
        if (error?.code === 'EAGAIN') setTimeout(attempt, retryMs).unref()
        else done(error, error === null ? written : 0)
      })
    attempt()
  }

/**
 * Writes to stderr. A pipe or a socket goes through Node's stream, which does not block on a reader that does not read; a
 * blocking write to it in another thread would keep the process from ending.
 */
export const writeToStderr = (): WriteBytes => {
  const { stderr } = process
  if (!(stderr instanceof Socket) || stderr.isTTY) return writeToFile(stderr.fd)
  // The callback of each write has the error too; without a listener the process would end.
  stderr.on('error', () => undefined)
  return (bytes, done) =>
    void stderr.write(bytes, (error) => done(error ?? null, error === null || error === undefined ? bytes.length : 0))
}
