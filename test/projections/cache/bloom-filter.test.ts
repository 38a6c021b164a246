import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bloomFilter } from '../../../projections/cache/bloom-filter.ts'
import { holds } from '../../support/arbitrary.ts'

const test = suite('Bloom filter')

test('every key that was added is found', () =>
  holds(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 50 }), (keys) => {
      const filter = bloomFilter()
      for (const key of keys) filter.add(key)
      assert.ok(keys.every((key) => filter.has(key)))
    }),
    { usually: 50, soaked: 1_000 },
  ))

test('no key is found before the first is added, and few others after two hundred thousand', () => {
  const filter = bloomFilter()
  assert.not(filter.has('T-00000000\u0000account-1'))
  const key = (n: number): string => `T-${String(n).padStart(8, '0')}\u0000account-${n % 500}`
  for (let n = 0; n < 200_000; n++) filter.add(key(n))
  let wrong = 0
  for (let n = 200_000; n < 400_000; n++) if (filter.has(key(n))) wrong++
  assert.ok(wrong < 2_000, `${wrong} of 200,000 others are false positives`)
})

test.run()
