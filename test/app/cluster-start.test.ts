import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { freePort } from '../support/free-port.ts'
import type { Faults } from '../support/eventstoredb/faults.ts'
import { isReal } from '../support/eventstoredb/real.ts'
import { startStandIn, type StandIn } from '../support/eventstoredb/stand-in.ts'
import { spawnServer, startServer } from '../support/server.ts'
import { skipHere } from '../support/skips.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const starting = suite<{ standIn: StandIn; folder: ReturnType<typeof temporaryFolder> }>(
  'a server on a cluster in trouble',
)
starting.before.each(async (context) => {
  context.standIn = await startStandIn()
  context.folder = temporaryFolder()
})
starting.after.each(({ standIn, folder }) => {
  standIn.close()
  folder.remove()
})

const readyz = async (url: string): Promise<{ status: string; reason: string | null }> => {
  const response = await fetch(`${url}/readyz`)
  return (await response.json()) as { status: string; reason: string | null }
}

const troubles: readonly {
  readonly what: string
  readonly reason: RegExp
  readonly cause: (standIn: StandIn, faults: Faults) => void
}[] = [
  {
    what: 'refuses the password',
    reason: /the log cannot be read: the event store refuses the user or the password/,
    cause: (_, faults) => (faults.before = () => 'unauthenticated'),
  },
  {
    what: 'denies the rights',
    reason: /the log cannot be read: the event store denies the user access to \$all/,
    cause: (_, faults) => (faults.before = (method) => (method === 'readAll' ? 'access-denied' : 'none')),
  },
  {
    what: 'never answers',
    reason: /the log cannot be read: the event store is too slow/,
    cause: (_, faults) => (faults.before = () => 'silent'),
  },
  {
    what: 'is gone',
    reason: /the log cannot be read: the event store cannot be reached/,
    cause: (standIn) => standIn.kill(),
  },
  {
    what: "passes over other programs' events for hours",
    reason: /the read models are catching up/,
    cause: ({ log }, faults) => {
      log.putForeign(20_000)
      faults.scanMs = 600_000
    },
  },
]

for (const { what, reason, cause } of troubles) {
  starting(`that ${what} says so, and ends at the first signal`, async ({ standIn, folder }) => {
    cause(standIn, standIn.faults)
    const port = await freePort()
    const server = await spawnServer(folder.path, {
      PORT: `${port}`,
      LEDGERDESK_EVENT_STORE: `${standIn.connectionString}&defaultDeadline=500`,
    })
    const isSaid = async (): Promise<boolean> => reason.test((await readyz(`http://127.0.0.1:${port}`)).reason ?? '')
    await until(() => isSaid().catch(() => false))
    server.process.kill('SIGTERM')
    assert.is(await server.ended, 0)
  })
}

starting('that is lost says so in /readyz and in the metrics, and when it is back', async ({ standIn, folder }) => {
  const server = await startServer(folder.path, { LEDGERDESK_EVENT_STORE: standIn.connectionString })
  assert.is((await readyz(server.url)).status, 'ready')
  standIn.kill()
  await until(async () => (await readyz(server.url)).status === 'degraded')
  assert.match(
    (await readyz(server.url)).reason ?? '',
    /stale: \d+ s behind the log; the log cannot be read: .*reached/,
  )
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  assert.match(metrics, /ledgerdesk_state\{state="degraded"\} 1/)
  await standIn.restart()
  await until(async () => (await readyz(server.url)).status === 'ready')
  assert.is(await server.stop(), 0)
})

if (isReal) skipHere(import.meta.filename)
else starting.run()
