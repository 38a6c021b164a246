import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { eventTypes } from '../../domain/event-log/event-types.ts'
import { fileOf, goldenFiles, makeGolden, readGolden, readModels, remedyOf } from './golden.ts'
import { goldenLog } from './golden-log.ts'

const test = suite('versions of read models')

const command = 'npx node test/projections/make-golden.ts'

test('there is a golden file for each read model, and no other', () => {
  const expected = readModels.map(fileOf).toSorted()
  assert.equal(goldenFiles(), expected, `run "${command}" after a read model was added, removed or given a version`)
})

for (const model of readModels) {
  test(`${model.name} is what its version says`, () => {
    const golden = readGolden(model)
    if (golden === null) throw new Error(`${fileOf(model)} is missing: run "${command}"`)
    const { name, version } = model
    const change = `are not those of its golden file, version ${version}: ${remedyOf(model)}`
    const made = makeGolden(model, golden.events)
    assert.equal(made.sql, golden.sql, `the tables of ${name} ${change}`)
    assert.is(made.digest, golden.digest, `the rows of ${name} ${change}`)
    assert.is(golden.events, goldenLog().length, `the golden log has grown: run "${command}"`)
  })
}

test('the golden log has every type of event', () => {
  const types = new Set(goldenLog().map(({ type }) => type))
  const missing = Object.keys(eventTypes).filter((type) => !types.has(type))
  assert.equal(missing, [], `add them at the end of test/projections/golden-log.ts and run "${command}"`)
})

test.run()
