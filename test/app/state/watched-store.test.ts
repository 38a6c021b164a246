import { left, right } from 'fp-ts/lib/Either.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { watchedStore } from '../../../app/state/watched-store.ts'
import type { ServerEvent } from '../../../app/state/server-state.ts'
import { ticketStream } from '../../../domain/ids.ts'
import type { SqliteEventStore } from '../../../adapters/event-store/sqlite/store.ts'
import type { AppendFailure } from '../../../domain/event-log/event-store.ts'
import { position, ticketId } from '../../support/ids.ts'
import { memoryEventStore } from '../../support/memory-event-store.ts'

const stream = ticketStream(ticketId('T-00000001'))

const watched = suite('the watched store')

/** A store whose appends end as the test says, and what is reported of them. */
const watching = () => {
  const reported: ServerEvent[] = []
  const state: { failure: AppendFailure | null } = { failure: null }
  const store = watchedStore<SqliteEventStore>(
    {
      ...memoryEventStore(),
      takesWrites: () => state.failure === null,
      append: () => async () =>
        state.failure === null ? right({ version: 1, position: position('1') }) : left(state.failure),
    },
    (event) => reported.push(event),
  )
  const append = async (failure: AppendFailure | null): Promise<void> => {
    state.failure = failure
    await store.append(stream, 0, [])()
  }
  return { store, reported, append }
}

watched('what concerns one append alone is not reported', async () => {
  const { store, reported, append } = watching()
  await append(null)
  await append({ tag: 'WrongExpectedVersion', stream, actual: 3 })
  await append({ tag: 'DamagedStream', stream })
  await append({ tag: 'StoreUnavailable', reason: 'another process holds the log' })
  await append({ tag: 'StoreClosed' })
  assert.equal(reported, [])
  await store.close()
})

watched('a full disk is reported, and its end with the next append that is stored', async () => {
  const { store, reported, append } = watching()
  await append({ tag: 'StorageFull' })
  await append(null)
  await append(null)
  assert.equal(reported, [{ tag: 'LogWriteFailed', reason: 'the disk is full' }, { tag: 'LogWritable' }])
  await store.close()
})

watched('after an error of the disk the log stays unwritable until the next start', async () => {
  const { store, reported, append } = watching()
  await append({ tag: 'OutcomeUnknown', reason: 'SQLITE_IOERR_FSYNC' })
  await append({ tag: 'StorageFull' })
  await append(null)
  assert.equal(reported, [
    { tag: 'LogWriteFailed', reason: 'SQLITE_IOERR_FSYNC; restart the server once the disk is mended' },
  ])
  await store.close()
})

watched('no timer outlives the store', async () => {
  const { store, append } = watching()
  await append({ tag: 'StorageFull' })
  await store.close()
  assert.not(process.getActiveResourcesInfo().includes('Timeout'))
})

watched.run()
