import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { connect } from 'node:net'
import type { Scanner } from './scanner.ts'

/** A daemon that is silent for so long has not judged. */
const longestSilenceMs = 60_000

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
  patienceMs: number,
): Promise<'clean' | 'infected' | 'unknown'> => {
  const socket = connect({ host, port, timeout: patienceMs })
  const late = (): void => void socket.destroy(new Error('clamd does not answer'))
  socket.on('timeout', late)
  try {
    await once(socket, 'connect')
    let answer = ''
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => (answer += text))
    const ended = once(socket, 'end')
    // A server that has judged already may close while we still send: its answer counts.
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

/** Scans by clamd's INSTREAM command. Whatever goes wrong is `unknown`: a file that nobody judged stays closed. */
export const clamdScanner =
  (host: string, port: number, failed: (error: unknown) => void, patienceMs = longestSilenceMs): Scanner =>
  async (path) => {
    try {
      return await ask(host, port, path, patienceMs)
    } catch (error) {
      failed(error)
      return 'unknown'
    }
  }
