import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openEventStore } from '../../app/event-store.ts'
import { proveInWorker } from '../../app/proof/prove-in-worker.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { ticketId } from '../support/ids.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** A log without tickets: each request that reaches the worker thread is refused as damaged. */
interface Setup {
  folder: ReturnType<typeof temporaryFolder>
  logged: string[]
  prove: ReturnType<typeof proveInWorker>
  /** Keeps the process alive, as the sockets of a server do: the thread does not. */
  keepAlive: NodeJS.Timeout
}

const proving = suite<Setup>('proving in a worker thread')

proving.before.each(async (setup) => {
  setup.folder = temporaryFolder()
  await openEventStore({ folder: setup.folder.path }).close()
  setup.keepAlive = setInterval(() => undefined, 60_000)
  setup.logged = []
  const log = { error: (_fields: object, message: string) => void setup.logged.push(message) }
  setup.prove = proveInWorker({ folder: setup.folder.path }, setup.folder.path, log)
})
proving.after.each(({ folder, keepAlive }) => {
  clearInterval(keepAlive)
  folder.remove()
})

const begin = async () => right(null)
const tagOf = (answer: Either<Refusal, string>): string => (answer._tag === 'Left' ? answer.left.tag : 'proved')

proving('eight requests wait, the ninth is refused, and is served later', async ({ prove, logged }) => {
  const began: number[] = []
  const requests = Array.from({ length: 9 }, (_, n) =>
    prove(ticketId('T-00000000'), async () => {
      began.push(n)
      return right(null)
    }),
  )
  const answers = await Promise.all(requests)
  assert.equal(answers.map(tagOf), [...Array.from({ length: 8 }, () => 'DamagedStream'), 'NotReady'])
  assert.is(logged.length, 8)
  assert.equal(began, [0, 1, 2, 3, 4, 5, 6, 7])
  assert.is(tagOf(await prove(ticketId('T-00000000'), begin)), 'DamagedStream')
})

proving(
  'a request begins after the earlier ones, and starts no thread where it is refused then',
  async ({ prove, logged }) => {
    let isThere = true
    const first = prove(ticketId('T-00000000'), begin)
    const second = prove(ticketId('T-00000000'), async () => (isThere ? right(null) : left({ tag: 'NotFound' })))
    isThere = false
    assert.equal([tagOf(await first), tagOf(await second)], ['DamagedStream', 'NotFound'])
    assert.is(logged.length, 1)
  },
)

proving.run()
