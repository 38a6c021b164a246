import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  evolveFacts,
  initialFacts,
  staleAfterSeconds,
  stateOf,
  type ReadModelsObserved,
  type ServerEvent,
} from '../../../app/state/server-state.ts'
import { createStateMonitor } from '../../../app/state/state-monitor.ts'

const states = suite('the state of a server')

const opened: ServerEvent = { tag: 'LogOpened' }
const started: ServerEvent = { tag: 'Started' }
const closing: ServerEvent = { tag: 'Closing' }
const observed = (over: Partial<ReadModelsObserved> = {}): ServerEvent => ({
  tag: 'ReadModelsObserved',
  observed: { isCaughtUp: true, lagSeconds: 0, reportsLagSeconds: 0, logFailure: null, progress: null, ...over },
})
const failed: ServerEvent = { tag: 'LogWriteFailed', reason: 'the disk is full' }
const writable: ServerEvent = { tag: 'LogWritable' }

const after = (...events: readonly ServerEvent[]) => stateOf(events.reduce(evolveFacts, initialFacts))

states('a start: opening, catching up with its progress, ready, closing', () => {
  assert.equal(after(), { status: 'starting', reason: 'the log is being opened', progress: null })
  const half = observed({ isCaughtUp: false, progress: 0.5 })
  assert.equal(after(opened, half), {
    status: 'catching-up',
    reason: 'the read models are catching up with the log',
    progress: 0.5,
  })
  assert.is(after(opened, observed()).status, 'catching-up', 'until everything is open')
  assert.equal(after(opened, observed(), started), { status: 'ready', reason: null, progress: null })
  assert.equal(after(opened, observed(), started, closing), {
    status: 'closing',
    reason: 'the server is closing',
    progress: null,
  })
})

states('read models that are made again while it serves are catching up', () => {
  assert.is(after(opened, observed(), started, observed({ isCaughtUp: false })).status, 'catching-up')
})

states('a sealed log stays sealed, whatever the disk does', () => {
  const sealed: ServerEvent = { tag: 'LogSealed', to: 'sqlite:/there' }
  for (const events of [[failed, sealed, writable], [sealed, failed, writable], [sealed]]) {
    assert.equal(after(opened, observed(), started, ...events), {
      status: 'read-only',
      reason: 'the log cannot be written: it is sealed, and goes on at sqlite:/there',
      progress: null,
    })
  }
})

states('read models that lag are stale beyond the limit', () => {
  assert.is(after(opened, started, observed({ lagSeconds: staleAfterSeconds })).status, 'ready')
  assert.equal(after(opened, started, observed({ lagSeconds: 12.4 })), {
    status: 'degraded',
    reason: 'the read models are stale: 12 s behind the log',
    progress: null,
  })
})

states('reports that lag are stale too', () => {
  assert.equal(after(opened, started, observed({ reportsLagSeconds: 12.4 })), {
    status: 'degraded',
    reason: 'the reports are stale: 12 s behind the log',
    progress: null,
  })
})

states('the state that is asked for is that of the read models now', () => {
  let isCaughtUp = false
  const monitor = createStateMonitor({ info: () => undefined, warn: () => undefined, error: () => undefined })
  for (const event of [opened, started]) monitor.report(event)
  void monitor.observe(() => ({ isCaughtUp, lagSeconds: 0, reportsLagSeconds: 0, logFailure: null, progress: null }))
  assert.is(monitor.current().status, 'catching-up')
  isCaughtUp = true
  assert.is(monitor.current().status, 'ready')
})

states('a log that cannot be read is the reason for which read models catch up or are stale', () => {
  const logFailure = 'the log cannot be read: the password is refused'
  assert.is(after(opened, observed({ isCaughtUp: false, logFailure })).reason, logFailure)
  const stale = after(opened, started, observed({ lagSeconds: 12, logFailure }))
  assert.is(stale.reason, `the read models are stale: 12 s behind the log; ${logFailure}`)
})

states('a log that cannot be written comes before what is wrong with the read models', () => {
  const state = { status: 'read-only', reason: 'the log cannot be written: the disk is full', progress: null }
  assert.equal(after(opened, started, observed(), failed), state)
  assert.equal(after(opened, started, observed({ lagSeconds: 100 }), failed), state)
  assert.equal(after(opened, observed({ isCaughtUp: false }), failed), state)
  assert.is(after(opened, started, observed(), failed, writable).status, 'ready')
})

states('nothing ends the closing', () => {
  for (const event of [opened, started, observed(), failed, writable])
    assert.is(after(opened, started, observed(), closing, event).status, 'closing', event.tag)
})

states('each change of the status is one line of the log, at the level of what it means', () => {
  const lines: unknown[] = []
  const at = (level: string) => (fields: object) => void lines.push({ level, ...fields })
  const monitor = createStateMonitor({ info: at('info'), warn: at('warn'), error: at('error') })
  for (const event of [opened, observed(), started, observed({ lagSeconds: 11 }), observed({ lagSeconds: 12 })])
    monitor.report(event)
  for (const event of [failed, failed, writable, closing]) monitor.report(event)
  const stale = 'the read models are stale: 12 s behind the log'
  assert.equal(lines, [
    {
      level: 'info',
      state: 'catching-up',
      before: 'starting',
      reason: 'the read models are catching up with the log',
    },
    { level: 'info', state: 'ready', before: 'catching-up', reason: null },
    {
      level: 'warn',
      state: 'degraded',
      before: 'ready',
      reason: 'the read models are stale: 11 s behind the log',
    },
    {
      level: 'error',
      state: 'read-only',
      before: 'degraded',
      reason: 'the log cannot be written: the disk is full',
    },
    { level: 'warn', state: 'degraded', before: 'read-only', reason: stale },
    { level: 'info', state: 'closing', before: 'degraded', reason: 'the server is closing' },
  ])
  assert.is(monitor.current().status, 'closing')
})

states.run()
