import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inSteps } from '../../app/projections/steps.ts'

const test = suite('steps of applying events')

const items = Array.from({ length: 200 }, (_, n) => n)

test('all is done once and in order, as much in a step as the step says, with other work in between', async () => {
  const steps: (readonly number[])[] = []
  let others = 0
  const otherWork = (): void => void (others++, (waiting = setImmediate(otherWork)))
  let waiting = setImmediate(otherWork)
  await inSteps(
    items,
    (rest) => {
      steps.push(rest.slice(0, 30))
      return Math.min(30, rest.length)
    },
    () => false,
  )
  clearImmediate(waiting)
  assert.equal(steps.flat(), items)
  assert.is(steps.length, 7)
  assert.ok(others >= steps.length - 1, `other work was done ${others} times`)
})

test('nothing begins once it is stopped', async () => {
  let steps = 0
  await inSteps(
    items,
    () => ++steps,
    () => steps > 0,
  )
  assert.is(steps, 1)
})

test.run()
