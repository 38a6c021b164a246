import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { subscribeToAppends } from '../../../adapters/event-store/appends.ts'
import { start } from '../../../domain/event-log/envelope.ts'
import { opened } from '../../domain/ticket/events.ts'
import { right } from '../../support/command-ports.ts'
import { memoryEventStore } from '../../support/memory-event-store.ts'
import { bob } from '../../support/people.ts'
import { testLog } from '../../support/projection-log.ts'
import { until } from '../../support/until.ts'

const test = suite('a subscription to appends')

test('a position that cannot be read is reported, also by the timer that begins again, and read again', async () => {
  const log = testLog()
  log.ticket('T-1', bob, opened(bob))
  const store = memoryEventStore()
  for (const event of log.events) right(await store.append(event.stream, event.version - 1, [event])())
  let failures = 2
  const [errors, positions]: [unknown[], string[]] = [[], []]
  const from = () => {
    if (failures-- > 0) throw new Error('disk I/O error')
    return start
  }
  const subscription = subscribeToAppends(
    store,
    from,
    { batchSize: 10 },
    async (events) => void positions.push(...events.map(({ position }) => position)),
    (error) => errors.push(String(error)),
  )
  await until(() => positions.length > 0)
  assert.equal(errors, ['Error: disk I/O error', 'Error: disk I/O error'])
  await subscription.stop()
  await store.close()
})

test.run()
