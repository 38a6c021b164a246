import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fairQueue } from '../../../app/readers/fair-queue.ts'

const queue = suite('a queue that serves callers round-robin')

queue('serves one item of each caller after another, and keeps the order of each', () => {
  const waiting = fairQueue<string>()
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) assert.ok(waiting.add(item.charAt(0), item))
  const taken: unknown[] = []
  for (let item = waiting.take(); item !== undefined; item = waiting.take()) {
    taken.push(item)
    waiting.done(item.charAt(0))
  }
  assert.equal(taken, ['a1', 'b1', 'c1', 'a2', 'b2', 'a3'])
})

queue('runs two of one caller at a time', () => {
  const waiting = fairQueue<string>()
  for (const item of ['a1', 'a2', 'a3', 'b1']) waiting.add(item.charAt(0), item)
  assert.equal([waiting.take(), waiting.take(), waiting.take(), waiting.take()], ['a1', 'b1', 'a2', undefined])
  waiting.done('a')
  assert.is(waiting.take(), 'a3')
  assert.is(waiting.take(), undefined)
})

queue('lets twenty of one caller wait, however many run', () => {
  const waiting = fairQueue<number>()
  for (let n = 0; n < 20; n++) assert.ok(waiting.add('a', n))
  assert.not.ok(waiting.add('a', 20))
  assert.ok(waiting.add('b', 0))
  assert.is(waiting.take(), 0)
  assert.ok(waiting.add('a', 20))
})

queue.run()
