import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { callerTurns } from '../../../app/readers/caller-turns.ts'

const queue = suite('a queue in which callers take turns')

queue('gives each caller a turn, and keeps the order of each', () => {
  const turns = callerTurns<string>()
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) assert.ok(turns.add(item.charAt(0), item))
  const taken: unknown[] = []
  for (let item = turns.take(); item !== undefined; item = turns.take()) {
    taken.push(item)
    turns.done(item.charAt(0))
  }
  assert.equal(taken, ['a1', 'b1', 'c1', 'a2', 'b2', 'a3'])
})

queue('runs two of one caller at a time', () => {
  const turns = callerTurns<string>()
  for (const item of ['a1', 'a2', 'a3', 'b1']) turns.add(item.charAt(0), item)
  assert.equal([turns.take(), turns.take(), turns.take(), turns.take()], ['a1', 'b1', 'a2', undefined])
  turns.done('a')
  assert.is(turns.take(), 'a3')
  assert.is(turns.take(), undefined)
})

queue('lets twenty of one caller wait, however many run', () => {
  const turns = callerTurns<number>()
  for (let n = 0; n < 20; n++) assert.ok(turns.add('a', n))
  assert.not.ok(turns.add('a', 20))
  assert.ok(turns.add('b', 0))
  assert.is(turns.take(), 0)
  assert.ok(turns.add('a', 20))
})

queue.run()
