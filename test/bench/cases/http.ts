import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { clientOf } from '../../support/client.ts'
import { benchServer } from '../bench-server.ts'
import type { Benchmark } from '../benchmark.ts'
import { autocannon } from '../peers.ts'

const connections = 64
const seconds = 3
const servers = resolve(import.meta.dirname, '../servers')

interface Load {
  /** Requested one after another: 64 writers on one ticket would measure version conflicts. */
  readonly paths: readonly string[]
  readonly method: 'GET' | 'POST'
  readonly body?: string
}

/** Starts a peer that responds to every GET with the file's bytes; it ends with this process. */
const startPeer = async (script: string, file: string): Promise<string> => {
  const child = spawn(process.execPath, [join(servers, script), file], { stdio: ['ignore', 'pipe', 'inherit'] })
  process.once('exit', () => child.kill())
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return String(line).replace('listening on ', '')
}

export const benchmarks = async (): Promise<readonly Benchmark[]> => {
  const { fire } = await autocannon()
  const { server, folder, headers, token } = await benchServer()
  const ann = clientOf(server.url, token)
  const body = { subject: 'No picture', description: 'The stream is dark since noon. '.repeat(9), category: 'other' }
  const ids: string[] = []
  for (let n = 0; n < 1_000; n++) {
    ids.push(String((await ann.post('/v1/tickets', { ...body, subject: `Ticket ${n}` })).body['id']))
  }
  const first = await ann.post('/v1/tickets', body)
  const id = String(first.body['id'])
  for (let n = 0; n < 5; n++) await ann.post(`/v1/tickets/${id}/comments`, { body: body.description })

  const shoot = (url: string, load: Load) => async (): Promise<number> => {
    const shot = await fire({
      url,
      paths: load.paths,
      connections,
      duration: seconds,
      method: load.method,
      headers,
      ...(load.body === undefined ? {} : { body: load.body }),
    })
    if (shot.failed > 0) throw new Error(`${shot.failed} requests to ${url}${load.paths[0] ?? ''} failed`)
    return shot.perSecond
  }

  const benchmark = async (what: string, load: Load, bar: number): Promise<Benchmark> => {
    const file = join(folder, `${what.replaceAll(/\W/g, '-')}.json`)
    const answer = load.method === 'GET' ? await ann.get(load.paths[0] ?? '') : first
    writeFileSync(file, JSON.stringify(answer.body))
    const [express, fastify] = await Promise.all(['express.mjs', 'fastify.mjs'].map((each) => startPeer(each, file)))
    return {
      name: 'http',
      what: `${what}, ${connections} connections from another process`,
      unit: 'requests/s',
      better: 'higher',
      ours: shoot(server.url, load),
      raw: null,
      peers: { express: shoot(express ?? '', load), fastify: shoot(fastify ?? '', load) },
      bar: { text: `≥ ${bar} × bare Express 5`, met: ({ ratios }) => (ratios['express'] ?? 0) >= bar },
    }
  }

  return [
    await benchmark('list', { paths: ['/v1/tickets?limit=50'], method: 'GET' }, 0.7),
    await benchmark('ticket page', { paths: [`/v1/tickets/${id}`], method: 'GET' }, 0.7),
    await benchmark('open, durable', { paths: ['/v1/tickets'], method: 'POST', body: JSON.stringify(body) }, 0.6),
    await benchmark(
      'comment, durable',
      {
        paths: ids.map((each) => `/v1/tickets/${each}/comments`),
        method: 'POST',
        body: JSON.stringify({ body: 'Any progress?' }),
      },
      0.6,
    ),
  ]
}
