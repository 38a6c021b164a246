import * as E from 'fp-ts/lib/Either.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ReaderOrder } from '../../../adapters/http/readers.ts'
import type { Handled } from '../../../adapters/http/replies.ts'
import { createReaderPool, type ReaderPool } from '../../../app/readers/reader-pool.ts'
import type { Principal } from '../../../domain/actor.ts'
import { personId } from '../../support/ids.ts'

interface Setup {
  pool: ReaderPool
  errors: string[]
}

const pools = suite<Setup>('a pool of reader threads')

const source = { file: 'none', opening: 1, ready: true, progress: null, notReady: {} }

const poolWith = (
  setup: Setup,
  options: { readonly deadlineMs?: number },
  script = new URL('../../support/scripted-reader.ts', import.meta.url),
): ReaderPool => {
  setup.errors = []
  setup.pool = createReaderPool({
    size: 1,
    // Long enough for a thread to start on a busy machine.
    deadlineMs: 60_000,
    ...options,
    sources: () => ({ readModels: source, reports: source }),
    log: { error: (_fields, message) => void setup.errors.push(message) },
    script,
  })
  return setup.pool
}
pools.after.each(({ pool }) => pool.close())

const sue: Principal = { id: personId('sue'), name: 'Sue', email: 'sue@support.example', role: 'support' }
const order = (search: string, caller: Principal = sue): ReaderOrder => ({
  operationId: 'any',
  caller,
  params: {},
  search,
  mediaType: 'text/plain',
})
const notHere: Handled = () => Promise.reject(new Error('this must not run in the main thread'))

/** The text of a reply, or the tag of a refusal. */
const outcome = async (handled: Handled): Promise<unknown> => {
  const result = await handled()
  return E.isLeft(result) ? result.left.tag : 'content' in result.right ? result.right.content : result.right
}

pools('answers with what the thread replies or refuses', async (setup) => {
  const pool = poolWith(setup, {})
  assert.is(await outcome(pool.answer(order('hello'), notHere)), 'hello')
  assert.is(await outcome(pool.answer(order('refused'), notHere)), 'NotFound')
  assert.equal(setup.errors, [])
})

pools('answers in the main thread where the thread cannot read its files', async (setup) => {
  const pool = poolWith(setup, {})
  const here: Handled = () => Promise.resolve(E.right({ mediaType: 'text/plain', content: 'from here' }))
  assert.is(await outcome(pool.answer(order('unreadable'), here)), 'from here')
  assert.is(await outcome(pool.answer(order('hello'), notHere)), 'hello')
})

pools('fails where the main thread fails in its place, and goes on', async (setup) => {
  const pool = poolWith(setup, {})
  const failing: readonly Handled[] = [
    () => Promise.reject(new Error('rejected')),
    () => {
      throw new Error('thrown')
    },
  ]
  for (const here of failing) {
    const failure = await pool
      .answer(order('unreadable'), here)()
      .catch((error: unknown) => error)
    assert.instance(failure, Error)
  }
  assert.is(await outcome(pool.answer(order('hello'), notHere)), 'hello')
})

pools('refuses a query beyond its deadline, and goes on with the next', async (setup) => {
  const pool = poolWith(setup, { deadlineMs: 3_000 })
  assert.is(await outcome(pool.answer(order('forever'), notHere)), 'QueryTooExpensive')
  assert.equal(setup.errors, ['a query took too long'])
})

pools('replaces a thread that fails or breaks, and goes on with the next query', async (setup) => {
  const pool = poolWith(setup, {})
  assert.is(await outcome(pool.answer(order('failed'), notHere)), 'Internal')
  assert.is(await outcome(pool.answer(order('throw'), notHere)), 'QueryTooExpensive')
  assert.is(await outcome(pool.answer(order('hello'), notHere)), 'hello')
  assert.equal(setup.errors, ['a query failed', 'a reader thread failed'])
})

pools(
  'lets twenty queries of one caller wait and refuses more, while others are answered between them',
  async (setup) => {
    const pool = poolWith(setup, {})
    const kim: Principal = { ...sue, id: personId('kim') }
    assert.is(await outcome(pool.answer(order('started'), notHere)), 'started')
    const finished: string[] = []
    const ask = async (search: string, caller: Principal): Promise<unknown> => {
      const result = await outcome(pool.answer(order(search, caller), notHere))
      finished.push(search)
      return result
    }
    const ofSue = Array.from({ length: 30 }, (_, n) => ask(`sue ${n}`, sue))
    const ofKim = ask('kim', kim)
    const results = await Promise.all(ofSue)
    assert.is(await ofKim, 'kim')
    // One ran at once, and twenty waited.
    assert.is(results.filter((each) => each === 'RateLimited').length, 9)
    const answered = finished.filter((search) => search === 'kim' || results.includes(search))
    assert.ok(answered.indexOf('kim') <= 2, answered.join(', '))
  },
)

pools('refuses what waits where no thread can be started', async (setup) => {
  const pool = poolWith(setup, {}, new URL('no-such-script.ts', import.meta.url))
  assert.is(await outcome(pool.answer(order('hello'), notHere)), 'NotReady')
  assert.equal(setup.errors, ['a reader thread failed'])
})

pools('refuses what waits and what runs when it closes', async (setup) => {
  const pool = poolWith(setup, {})
  const running = outcome(pool.answer(order('forever'), notHere))
  const waiting = outcome(pool.answer(order('hello'), notHere))
  await pool.close()
  assert.equal(await Promise.all([running, waiting]), ['NotReady', 'NotReady'])
  assert.is(await outcome(pool.answer(order('hello'), notHere)), 'NotReady')
  assert.equal(setup.errors, [])
})

pools.run()
