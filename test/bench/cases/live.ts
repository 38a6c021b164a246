import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { demoIdentityIn } from '../../support/demo.ts'
import { accountId, personId } from '../../support/ids.ts'
import { benchServer } from '../bench-server.ts'
import type { Candidate, Benchmark } from '../benchmark.ts'
import { autocannon } from '../peers.ts'

const streams = 1_000
const connections = 64
const seconds = 5

/** Tokens of people of the account that the commands change: each command sends a message to all of them. */
const listeners = (dataFolder: string): Promise<readonly string[]> => {
  const identity = demoIdentityIn(dataFolder)
  return Promise.all(
    Array.from({ length: streams }, (_, n) =>
      identity.issue(
        {
          id: personId(`p-${n}`),
          name: `Person ${n}`,
          email: `p-${n}@acme.example`,
          role: 'customer',
          account: accountId('acme'),
        },
        8 * 3_600,
      ),
    ),
  )
}

/** Opens the streams in another process, which ends with this one. */
const openStreams = async (url: string, folder: string): Promise<void> => {
  const file = join(folder, 'tokens.json')
  writeFileSync(file, JSON.stringify(await listeners(folder)))
  const script = resolve(import.meta.dirname, '../servers/listeners.mjs')
  const child = spawn(process.execPath, [script, url, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  process.once('exit', () => child.kill())
  child.once('exit', () => {
    throw new Error('the streams ended')
  })
  await once(createInterface({ input: child.stdout }), 'line')
}

/** Commands per second at a server of its own, with or without open streams. */
const commands = async (withStreams: boolean): Promise<Candidate> => {
  const { fire } = await autocannon()
  const { server, folder, headers } = await benchServer()
  if (withStreams) await openStreams(server.url, folder)
  return async () => {
    const shot = await fire({
      url: server.url,
      paths: ['/v1/tickets'],
      connections,
      duration: seconds,
      method: 'POST',
      headers,
      body: JSON.stringify({ subject: 'No picture', description: 'Dark since noon.', category: 'other' }),
    })
    if (shot.failed > 0) throw new Error(`${shot.failed} commands failed`)
    return shot.perSecond
  }
}

export const benchmarks = async (): Promise<readonly Benchmark[]> => [
  {
    name: 'live',
    what: `open tickets over ${connections} connections, beside ${streams} open streams that receive each`,
    unit: 'commands/s',
    better: 'higher',
    ours: await commands(true),
    raw: null,
    peers: { 'without streams': await commands(false) },
    bar: { text: '≥ 0.9 × without streams', met: ({ ratios }) => (ratios['without streams'] ?? 0) >= 0.9 },
  },
]
