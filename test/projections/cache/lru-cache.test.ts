import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { recent } from '../../../projections/cache/lru-cache.ts'

const test = suite('recent keys')

test('the last ones are known, and of others that they were there', () => {
  const held = recent<number>(10)
  for (let n = 0; n < 100; n++) held.set(`key ${n}`, n)
  for (let n = 90; n < 100; n++) assert.is(held.get(`key ${n}`), n)
  for (let n = 0; n < 100; n++) assert.ok(held.get(`key ${n}`) === n || held.isGone(`key ${n}`), `key ${n}`)
  assert.is(held.get('key 0'), undefined)
  assert.is(held.get('another'), undefined)
  assert.not(held.isGone('another'))
})

test('what is used stays', () => {
  const held = recent<number>(10)
  held.set('used', 1)
  for (let n = 0; n < 100; n++) {
    held.set(`key ${n}`, n)
    assert.is(held.get('used'), 1)
  }
  held.set('used', 2)
  assert.is(held.get('used'), 2)
})

test.run()
