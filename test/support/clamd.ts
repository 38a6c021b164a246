import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { createServer, connect, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** The harmless text that every scanner calls a virus (eicar.org), put together so that none calls this file one. */
export const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('')

export interface Clamd {
  readonly port: number
  readonly close: () => Promise<void>
}

/** `stall` never answers, `drop` hangs up at the first bytes, `refuse` says that the stream is too long for it. */
type Mood = 'scan' | 'stall' | 'drop' | 'refuse'

const answerTo = (bytes: Buffer): string =>
  bytes.includes(eicar) ? 'stream: Eicar-Test-Signature FOUND\0' : 'stream: OK\0'

/** Reads `zINSTREAM` and its chunks: each a length in four bytes, the last of length 0 (man clamd, "INSTREAM"). */
const serve = (socket: Socket, mood: () => Mood): void => {
  let received: Buffer = Buffer.alloc(0)
  const file: Buffer[] = []
  let isTold = false
  const command = Buffer.from('zINSTREAM\0')
  const more = (): void => {
    if (!isTold) {
      if (received.length < command.length) return
      if (!received.subarray(0, command.length).equals(command)) return void socket.end('UNKNOWN COMMAND\0')
      isTold = true
      received = received.subarray(command.length)
    }
    while (received.length >= 4) {
      const length = received.readUInt32BE()
      if (length === 0) return void socket.end(answerTo(Buffer.concat(file)))
      if (received.length < 4 + length) return
      file.push(received.subarray(4, 4 + length))
      received = received.subarray(4 + length)
    }
  }
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    if (mood() === 'stall') return
    if (mood() === 'drop') return void socket.destroy()
    if (mood() === 'refuse') return void socket.end('INSTREAM size limit exceeded. ERROR\0')
    received = Buffer.concat([received, chunk])
    more()
  })
}

/** Speaks clamd's protocol as far as we use it, and can be in a mood. */
export const startStandIn = async (): Promise<Clamd & { mood: Mood }> => {
  const standIn = { mood: 'scan' as Mood }
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    serve(socket, () => standIn.mood)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return Object.assign(standIn, {
    port,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  })
}

const daemon = '/usr/sbin/clamd'
/** Whether Debian's clamav-daemon is here. */
export const hasDaemon = existsSync(daemon)

const answers = async (port: number): Promise<boolean> => {
  const socket = connect({ port, host: '127.0.0.1' })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Starts the real daemon on a signature of its own for EICAR, in a folder of its own. */
export const startDaemon = async (folder: string): Promise<Clamd> => {
  const port = await freePort()
  writeFileSync(join(folder, 'eicar.hdb'), '44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test-Signature\n')
  const settings = [
    'Foreground yes',
    `DatabaseDirectory ${folder}`,
    `TCPSocket ${port}`,
    'TCPAddr 127.0.0.1',
    'User root',
  ]
  writeFileSync(join(folder, 'clamd.conf'), settings.join('\n'))
  const child = spawn(daemon, ['--config-file', join(folder, 'clamd.conf')], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`clamd ended with ${child.exitCode}`)
    await wait(20)
  }
  return {
    port,
    close: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}
