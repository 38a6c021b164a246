import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createAnswerBudget } from '../../../adapters/http/answer-budget.ts'

const budgets = suite('the budget of answers')

const MiB = 1024 * 1024
const response = (): ServerResponse => Object.assign(new EventEmitter(), { destroyed: false }) as ServerResponse

budgets('is used up by all callers together, and is free again when a response is closed', () => {
  const budget = createAnswerBudget()
  const sent = ['ann', 'bob', 'eve', 'sue'].map((caller) => {
    const own = response()
    assert.ok(budget.admit(own, 60 * MiB, caller), caller)
    return own
  })
  assert.not.ok(budget.admit(response(), 5 * MiB, 'ann'), 'more than one caller may have')
  assert.not.ok(budget.admit(response(), 20 * MiB, 'kim'), 'more than all may have')
  assert.ok(budget.admit(response(), 64 * 1024, 'ann'), 'small ones are sent always')
  sent[0]?.emit('close')
  assert.ok(budget.admit(response(), 20 * MiB, 'kim'))
  assert.ok(budget.admit(response(), 30 * MiB, 'ann'))
})

budgets('counts no answer to a client that has gone', () => {
  const budget = createAnswerBudget()
  for (let n = 0; n < 100; n++) {
    const gone = Object.assign(response(), { destroyed: true })
    assert.ok(budget.admit(gone, 60 * MiB, 'ann'))
  }
  assert.ok(budget.admit(response(), 60 * MiB, 'ann'))
})

budgets('admits one answer of any size where nothing else waits', () => {
  assert.ok(createAnswerBudget().admit(response(), 1_000 * MiB, 'ann'))
})

budgets.run()
