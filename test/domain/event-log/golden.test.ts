import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as t from 'io-ts'
import { sha256 } from '../../../adapters/crypto.ts'
import { decode } from '../../../domain/codec.ts'
import { Envelope } from '../../../domain/event-log/envelope.ts'
import { decodeEvent } from '../../../domain/event-log/decode-event.ts'
import { eventTypes, isEventType } from '../../../domain/event-log/event-types.ts'
import { isIntact } from '../../../domain/event-log/hash.ts'
import { upcasters, type Upcasters } from '../../../domain/event-log/upcasting.ts'
import { shapeOf, written } from '../../support/codec-shape.ts'
import { goldenNames, readCodecs, readGolden } from './golden.ts'
import { independentEventHash, independentPersonalDigest } from './independent-hash.ts'

const golden = suite('golden events')

const versions = Object.entries(eventTypes).flatMap(([type, { schema }]) =>
  Array.from({ length: schema }, (_, index) => ({ type, version: index + 1, name: `${type}.v${index + 1}` })),
)

golden('every version of every type has a golden file, and no other file is there', () => {
  const wanted = versions.map(({ name }) => name).toSorted()
  assert.equal(
    goldenNames(),
    wanted,
    'add an example to test/domain/event-log/make-golden.ts and run it with "npx node"; never change or remove a golden file',
  )
})

golden('every past version has its upcaster, and no other is there', () => {
  const past = versions.filter(({ type, version }) => isEventType(type) && version < eventTypes[type].schema)
  const steps: Upcasters = upcasters
  const written = Object.entries(steps).flatMap(([type, own]) => Object.keys(own).map((from) => `${type}.v${from}`))
  assert.equal(written.toSorted(), past.map(({ name }) => name).toSorted())
})

golden('a codec changes only with a new schema version', () => {
  const codecs = readCodecs()
  assert.equal(written(shapeOf(Envelope)), codecs['Envelope'], 'the envelope')
  for (const [type, { schema, codec }] of Object.entries(eventTypes)) {
    const isNew = codecs[`${type}.v1`] === undefined
    assert.not(
      isNew,
      `${type} is new: add an example to make-golden.ts and run "npx node test/domain/event-log/make-golden.ts"`,
    )
    const change = `${type} is not what version ${schema} was: give it the next schema version, an upcaster and a golden file`
    assert.equal(written(shapeOf(codec)), codecs[`${type}.v${schema}`], change)
  }
  assert.equal(Object.keys(codecs).toSorted(), ['Envelope', ...versions.map(({ name }) => name)].toSorted())
})

golden('the written shape detects each kind of change', () => {
  const shape = (codec: t.Mixed): string => JSON.stringify(written(shapeOf(codec)))
  const was = shape(t.strict({ size: t.number, cause: t.keyof({ taken: null }) }))
  for (const changed of [
    t.strict({ size: t.string, cause: t.keyof({ taken: null }) }),
    t.strict({ size: t.number, cause: t.keyof({ taken: null, asked: null }) }),
    t.strict({ size: t.number, cause: t.keyof({ taken: null }), more: t.string }),
    t.intersection([t.strict({ size: t.number }), t.partial({ cause: t.keyof({ taken: null }) })]),
    t.strict({ bytes: t.number, cause: t.keyof({ taken: null }) }),
    t.strict({ size: t.array(t.number), cause: t.keyof({ taken: null }) }),
    t.strict({ size: t.literal(1), cause: t.keyof({ taken: null }) }),
  ]) {
    assert.is.not(shape(changed), was)
  }
  assert.is(shape(t.readonly(t.strict({ cause: t.keyof({ taken: null }), size: t.number }))), was, 'order is no change')
  assert.throws(() => shape(t.strict({ size: t.union([t.string, t.null]) })), 'not described here')
})

const Personal = t.intersection([t.type({ actor: t.UnknownRecord }), t.partial({ via: t.UnknownRecord })])

for (const { type, version, name } of versions) {
  golden(`${name} is decoded as it was meant`, () => {
    const examples = readGolden(name)
    assert.ok(examples.length > 0, 'has an example')
    for (const { stored, reads } of examples) {
      assert.is(stored.type, type)
      const envelope = decode(Envelope)(JSON.parse(stored.envelope))
      assert.is(envelope._tag, 'Right', 'the envelope has its fields and no other')
      assert.is(envelope._tag === 'Right' ? envelope.right.schema : 0, version)
      const event = decodeEvent(stored)
      assert.equal(event, reads)

      const personal: unknown = reads['personal']
      if (!Personal.is(personal)) return assert.unreachable('names who acted')
      const { actor, via, ...texts } = personal
      assert.equal(Object.keys(actor), ['name', 'email'])
      assert.is(via === undefined, envelope._tag === 'Right' && envelope.right.via === undefined)
      if (!isEventType(type)) return assert.unreachable('is a known type')
      const shown = { type, data: reads['data'], personal: texts }
      const codec: t.Mixed = eventTypes[type].codec
      assert.equal(decode(codec)(shown), { _tag: 'Right', right: shown }, 'the current codec accepts it')
    }
  })

  golden(`${name} has the hash that an independent implementation computes`, () => {
    for (const { stored } of readGolden(name)) {
      const { envelope, data, personal, salt, personalDigest, previousHash, hash } = stored
      assert.is(independentPersonalDigest(salt, personal), personalDigest)
      assert.is(independentEventHash(envelope, data, personalDigest, previousHash), hash)
      assert.ok(isIntact(sha256, stored), 'and the domain says so too')
      for (const text of [envelope, data, personal]) assert.is(JSON.stringify(JSON.parse(text)), text, 'survives JSON')
    }
  })
}

golden.run()
