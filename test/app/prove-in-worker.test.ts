import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openEventStore } from '../../app/event-store.ts'
import { proveApart } from '../../app/proof/prove-in-worker.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** A log without tickets: whatever a thread is started for is found damaged, and what none is started for is not. */
interface House {
  folder: ReturnType<typeof temporaryFolder>
  logged: string[]
  prove: ReturnType<typeof proveApart>
  /** A thread keeps no process up; in a server its sockets do. */
  awake: NodeJS.Timeout
}

const apart = suite<House>('proving apart')

apart.before.each(async (house) => {
  house.folder = temporaryFolder()
  await openEventStore({ folder: house.folder.path }).close()
  house.awake = setInterval(() => undefined, 60_000)
  house.logged = []
  const log = { error: (_fields: object, message: string) => void house.logged.push(message) }
  house.prove = proveApart({ folder: house.folder.path }, house.folder.path, log)
})
apart.after.each(({ folder, awake }) => {
  clearInterval(awake)
  folder.remove()
})

const begin = async () => right(null)
const tagOf = (answer: Either<Refusal, string>): string => (answer._tag === 'Left' ? answer.left.tag : 'proved')

apart('eight wait their turn, the ninth is told to come back, and then is served', async ({ prove, logged }) => {
  const begun: number[] = []
  const asked = Array.from({ length: 9 }, (_, n) =>
    prove('T-00000000', async () => {
      begun.push(n)
      return right(null)
    }),
  )
  const answers = await Promise.all(asked)
  assert.equal(answers.map(tagOf), [...Array.from({ length: 8 }, () => 'DamagedStream'), 'NotReady'])
  assert.is(logged.length, 8)
  assert.equal(begun, [0, 1, 2, 3, 4, 5, 6, 7])
  assert.is(tagOf(await prove('T-00000000', begin)), 'DamagedStream')
})

apart('each begins when its turn comes, and no thread works for what is refused then', async ({ prove, logged }) => {
  let isThere = true
  const first = prove('T-00000000', begin)
  const second = prove('T-00000000', async () => (isThere ? right(null) : left({ tag: 'NotFound' })))
  isThere = false
  assert.equal([tagOf(await first), tagOf(await second)], ['DamagedStream', 'NotFound'])
  assert.is(logged.length, 1)
})

apart.run()
