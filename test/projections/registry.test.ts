import { globSync, readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { helpdesk, reporting } from '../../projections/registry.ts'

const registry = suite('the registry of read models')

/** The first arguments of a specification: the suite, and the read model under its name in the registry. */
const specification = /\bprojectionSpec\(\s*\w+,\s*(\w+),/g

registry('each read model has a specification in test/projections, which calls `projectionSpec`', () => {
  const tests = globSync('**/*.test.ts', { cwd: import.meta.dirname }).map((file) =>
    readFileSync(`${import.meta.dirname}/${file}`, 'utf8'),
  )
  const specified = new Set(tests.flatMap((text) => [...text.matchAll(specification)].map(([, model]) => model)))
  const missing = Object.keys({ ...helpdesk, ...reporting }).filter((name) => !specified.has(name))
  assert.equal(missing, [], 'write test/projections/NAME/NAME.test.ts')
})

registry.run()
