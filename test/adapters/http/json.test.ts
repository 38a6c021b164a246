import { isRight } from 'fp-ts/lib/Either.js'
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeJson, depthLimit, valueLimit } from '../../../adapters/http/json.ts'

const json = suite('the strict JSON decoder')
const utf8 = new TextEncoder()
const read = (text: string) => decodeJson(utf8.encode(text))

const malformed = (why: string) => ({ _tag: 'Left', left: { tag: 'Malformed', why } })
const unwanted = (path: string, message: string) => ({
  _tag: 'Left',
  left: { tag: 'Unwanted', error: { path, message } },
})

json('reads what JSON.parse reads', () => {
  const text = '{"a":[1,-2.5,0.1e3,true,false,null,{}],"b":"\\u00e9\\n\\ud83d\\ude00 \u{1F600}","":[ ]}'
  assert.equal(read(` ${text}\r\n`), { _tag: 'Right', right: JSON.parse(text) })
})

json('refuses bytes that are not UTF-8, and a byte order mark', () => {
  assert.equal(decodeJson(Uint8Array.of(0x22, 0xff, 0x22)), malformed('is not UTF-8'))
  assert.equal(decodeJson(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)), malformed('is not UTF-8'))
  assert.equal(read('\uFEFF{}'), malformed('begins with a byte order mark'))
})

json('says where it is not JSON', () => {
  assert.equal(read('{"a":}'), malformed('is not JSON at character 6'))
  assert.equal(read('{"a":1'), malformed('ends too early'))
  assert.equal(read(''), malformed('ends too early'))
  for (const text of [
    '{a:1}',
    "{'a':1}",
    '[1,]',
    '{"a":1,}',
    '01',
    '1.',
    '.5',
    '+1',
    '"\t"',
    '"\\x"',
    'nul',
    '{} {}',
  ]) {
    const outcome = read(text)
    assert.ok(outcome._tag === 'Left' && outcome.left.tag === 'Malformed', text)
  }
})

json('refuses keys given twice, also when they are written differently', () => {
  assert.equal(read('{"a":1,"a":1}'), unwanted('a', 'is given twice'))
  assert.equal(read('{"x":[{"a":1,"\\u0061":2}]}'), unwanted('x.0.a', 'is given twice'))
})

json('refuses keys that name prototypes', () => {
  for (const key of ['__proto__', 'constructor', 'prototype', '\\u005f_proto__']) {
    const outcome = read(`{"a":{"${key}":{"admin":true}}}`)
    assert.ok(outcome._tag === 'Left' && outcome.left.tag === 'Unwanted', key)
  }
  assert.is(Reflect.get({}, 'admin'), undefined)
})

json('refuses what does not read back equal: lone surrogates, NUL, unsafe integers', () => {
  assert.equal(read('{"a":"\\ud800"}'), unwanted('a', 'holds half of a surrogate pair'))
  assert.equal(read('{"a":"x\\u0000"}'), unwanted('a', 'holds a NUL character'))
  assert.equal(read('["\\udc00\\ud800"]'), unwanted('0', 'holds half of a surrogate pair'))
  for (const number of ['9007199254740992', '-9007199254740993', '1e400', '1e16']) {
    assert.equal(read(number), unwanted('', 'must be a number from -9007199254740991 to 9007199254740991'), number)
  }
  assert.equal(read('9007199254740991'), { _tag: 'Right', right: 9007199254740991 })
})

json('reads 32 levels and no more, however many there are', () => {
  assert.ok(isRight(read('['.repeat(depthLimit) + ']'.repeat(depthLimit))))
  for (const levels of [depthLimit + 1, 100_000]) {
    const outcome = read('['.repeat(levels) + ']'.repeat(levels))
    assert.ok(outcome._tag === 'Left' && outcome.left.tag === 'Unwanted')
  }
})

json('reads 1,000 values and no more, of arrays and of objects', () => {
  const items = (count: number): string => JSON.stringify(Array.from({ length: count }, () => 1))
  const members = (count: number): string =>
    JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, n) => [`f${n}`, 1])))
  for (const text of [items, members]) {
    assert.ok(isRight(read(text(valueLimit - 1))))
    const outcome = read(text(valueLimit))
    assert.ok(outcome._tag === 'Left' && outcome.left.tag === 'Unwanted')
    assert.match(outcome.left.error.message, 'beyond the 1000 values')
  }
})

const seed = Date.now() % 2 ** 31
console.log(`seed: ${seed} (json)`)

const harmless = fc.jsonValue({ maxDepth: 6, noUnicodeString: false }).filter((value) => {
  const text = JSON.stringify(value)
  return text.isWellFormed() && !/__proto__|constructor|prototype|\\u/.test(text)
})

json('what it accepts equals the result of JSON.parse', () => {
  fc.assert(
    fc.property(harmless, fc.integer({ min: 0, max: 3 }), (value, spaces) => {
      const text = JSON.stringify(value, null, spaces)
      const outcome = read(text)
      const numbersFit = !/\d{16}|e\+/.test(text)
      if (outcome._tag === 'Right') assert.equal(outcome.right, JSON.parse(text))
      else assert.not.ok(numbersFit, JSON.stringify(outcome.left))
    }),
    { seed, numRuns: 2_000 },
  )
})

json('never throws, and refuses what JSON.parse refuses', () => {
  const noise = fc.array(fc.constantFrom(...'{}[]",:\\u0dte-1. \n\uFEFF'.split(''), '"a"', 'true', '\ud800'), {
    maxLength: 30,
  })
  fc.assert(
    fc.property(noise, (parts) => {
      const text = parts.join('')
      if (isRight(read(text))) JSON.parse(text)
    }),
    { seed, numRuns: 5_000 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void decodeJson(bytes)),
    { seed, numRuns: 2_000 },
  )
})

json('takes time linear in the bytes', () => {
  const text = JSON.stringify({ body: '\\"'.repeat(60_000) })
  const started = performance.now()
  assert.ok(isRight(read(text)))
  assert.ok(performance.now() - started < 500)
})

json.run()
