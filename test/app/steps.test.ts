import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inSteps } from '../../app/projections/steps.ts'

const test = suite('steps of applying events')

const items = Array.from({ length: 200 }, (_, n) => n)

const busy = (ms: number): void => {
  for (const end = performance.now() + ms; performance.now() < end;);
}

test('slow work is done in the smallest steps, with other work in between, and all of it once, in order', async () => {
  const steps: (readonly number[])[] = []
  let others = 0
  const timer = setInterval(() => others++, 0)
  const work = inSteps<number>(
    (part) => {
      steps.push(part)
      // 1 ms for each.
      busy(part.length)
    },
    () => false,
  )
  await work(items)
  clearInterval(timer)
  assert.equal(steps.flat(), items)
  assert.equal(
    steps.map(({ length }) => length),
    [100, 20, 20, 20, 20, 20],
  )
  assert.ok(others >= steps.length - 1, `other work was done ${others} times`)
})

test('nothing begins once it is stopped', async () => {
  const steps: (readonly number[])[] = []
  const work = inSteps<number>(
    (part) => void steps.push(part),
    () => steps.length > 0,
  )
  await work(items)
  assert.is(steps.length, 1)
})

test.run()
