import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { lruCache } from '../../../projections/cache/lru-cache.ts'

const test = suite('LRU cache')

test('the last keys are found, and of others it is known that they were set', () => {
  const cache = lruCache<number>(10)
  for (let n = 0; n < 100; n++) cache.set(`key ${n}`, n)
  for (let n = 90; n < 100; n++) assert.is(cache.get(`key ${n}`), n)
  for (let n = 0; n < 100; n++) assert.ok(cache.get(`key ${n}`) === n || cache.wasEvicted(`key ${n}`), `key ${n}`)
  assert.is(cache.get('key 0'), undefined)
  assert.is(cache.get('another'), undefined)
  assert.not(cache.wasEvicted('another'))
})

test('a key in use is not evicted', () => {
  const cache = lruCache<number>(10)
  cache.set('used', 1)
  for (let n = 0; n < 100; n++) {
    cache.set(`key ${n}`, n)
    assert.is(cache.get('used'), 1)
  }
  cache.set('used', 2)
  assert.is(cache.get('used'), 2)
})

test.run()
