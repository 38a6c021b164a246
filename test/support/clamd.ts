import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { createServer, connect, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from './free-port.ts'

/** The harmless text that every scanner reports as a virus (eicar.org), in parts so that this file is not reported. */
export const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('')

export interface Clamd {
  readonly port: number
  readonly close: () => Promise<void>
}

/** `stall` never answers, `drop` closes at the first bytes, `refuse` answers that the stream is too long. */
type Behaviour = 'scan' | 'stall' | 'drop' | 'refuse'

const answerTo = (bytes: Buffer): string =>
  bytes.includes(eicar) ? 'stream: Eicar-Test-Signature FOUND\0' : 'stream: OK\0'

/** Reads `zINSTREAM` and its chunks: each a length in four bytes, the last of length 0 (man clamd, "INSTREAM"). */
const serve = (socket: Socket, behaviour: () => Behaviour): void => {
  let received: Buffer = Buffer.alloc(0)
  const file: Buffer[] = []
  let hasCommand = false
  const command = Buffer.from('zINSTREAM\0')
  const more = (): void => {
    if (!hasCommand) {
      if (received.length < command.length) return
      if (!received.subarray(0, command.length).equals(command)) return void socket.end('UNKNOWN COMMAND\0')
      hasCommand = true
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
    if (behaviour() === 'stall') return
    if (behaviour() === 'drop') return void socket.destroy()
    if (behaviour() === 'refuse') return void socket.end('INSTREAM size limit exceeded. ERROR\0')
    received = Buffer.concat([received, chunk])
    more()
  })
}

/** A stand-in with the part of clamd's protocol that the scanner uses. */
export const startStandIn = async (): Promise<Clamd & { behaviour: Behaviour }> => {
  const standIn = { behaviour: 'scan' as Behaviour }
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    serve(socket, () => standIn.behaviour)
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
/** Whether Debian's clamav-daemon is installed. */
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

/** Starts the real daemon in a folder, with a signature database that holds EICAR alone. */
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
