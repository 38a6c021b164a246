import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { connect } from 'node:net'

/** Scans a file on the disk for viruses. `unknown`: no verdict, or none in time; such a file stays unusable. */
export type Scanner = (path: string) => Promise<'clean' | 'infected' | 'unknown'>

/** Without a scanner a file that passed the other checks counts as clean. */
export const noScanner: Scanner = () => Promise.resolve('clean')

/** A daemon that is silent for so long gives no verdict, in ms. */
const defaultTimeoutMs = 60_000

const framed = (chunk: Uint8Array): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(chunk.length)
  return Buffer.concat([length, chunk])
}

const verdictOf = (answer: string): 'clean' | 'infected' | 'unknown' => {
  if (/^stream: OK\0?$/.test(answer)) return 'clean'
  return /^stream: .+ FOUND\0?$/.test(answer) ? 'infected' : 'unknown'
}

const ask = async (
  host: string,
  port: number,
  path: string,
  timeoutMs: number,
): Promise<'clean' | 'infected' | 'unknown'> => {
  const socket = connect({ host, port, timeout: timeoutMs })
  const late = (): void => void socket.destroy(new Error('clamd does not answer'))
  socket.on('timeout', late)
  // Once the daemon has answered, nothing else listens while it closes and bytes are still sent.
  socket.on('error', () => undefined)
  try {
    await once(socket, 'connect')
    let answer = ''
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => (answer += text))
    const ended = once(socket, 'end')
    // The daemon may answer and close while bytes are still being sent: its answer counts.
    ended.catch(() => undefined)
    socket.write('zINSTREAM\0')
    const bytes: AsyncIterable<Uint8Array> = createReadStream(path)
    for await (const chunk of bytes) {
      if (socket.destroyed || answer !== '') break
      if (!socket.write(framed(chunk))) await Promise.race([once(socket, 'drain'), ended])
    }
    if (!socket.destroyed) socket.write(framed(new Uint8Array()))
    await ended
    return verdictOf(answer)
  } finally {
    socket.destroy()
  }
}

/** Scans by clamd's INSTREAM command. Every failure is `unknown`, so that an unscanned file stays unusable. */
export const clamdScanner =
  (host: string, port: number, onError: (error: unknown) => void, timeoutMs = defaultTimeoutMs): Scanner =>
  async (path) => {
    try {
      return await ask(host, port, path, timeoutMs)
    } catch (error) {
      onError(error)
      return 'unknown'
    }
  }
