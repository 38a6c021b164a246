import type { Either } from 'fp-ts/lib/Either.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openEventStore } from '../../app/event-store.ts'
import { proveApart } from '../../app/proof/prove-apart.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { temporaryFolder } from '../support/server.ts'

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

const wanted = (): boolean => true
const tagOf = (answer: Either<Refusal, string>): string => (answer._tag === 'Left' ? answer.left.tag : 'proved')

apart('eight wait their turn, the ninth is told to come back, and then is served', async ({ prove, logged }) => {
  const answers = await Promise.all(Array.from({ length: 9 }, () => prove('T-00000000', wanted)))
  assert.equal(answers.map(tagOf), [...Array.from({ length: 8 }, () => 'DamagedStream'), 'NotReady'])
  assert.is(logged.length, 8)
  assert.is(tagOf(await prove('T-00000000', wanted)), 'DamagedStream')
})

apart('no thread works for who left before his turn', async ({ prove, logged }) => {
  let isThere = true
  const first = prove('T-00000000', wanted)
  const second = prove('T-00000000', () => isThere)
  isThere = false
  assert.equal([tagOf(await first), tagOf(await second)], ['DamagedStream', 'NotReady'])
  assert.is(logged.length, 1)
})

apart.run()
