// emmett on SQLite with its default pool. Plain JavaScript, since its types exist only where the peers are installed.
import { getSQLiteEventStore } from '@event-driven-io/emmett-sqlite'

const list = 'CREATE TABLE IF NOT EXISTS list (id TEXT PRIMARY KEY, status TEXT, updated TEXT, version INTEGER)'

/** Appends so many ticket events with an inline projection into a list; resolves to events per second. */
export const project = async (fileName, events) => {
  const types = ['Opened', 'StatusChanged', 'CommentAdded', 'Closed']
  const projection = {
    name: 'list',
    canHandle: types,
    handle: async (batch, { connection }) => {
      await connection.command(list)
      for (const { type, metadata, data } of batch) {
        await connection.command(
          `INSERT INTO list VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE
           SET status = excluded.status, updated = excluded.updated, version = version + 1`,
          [metadata.streamName, type, data.at],
        )
      }
    },
  }
  const store = getSQLiteEventStore({ fileName, projections: [{ type: 'inline', projection }] })
  await store.appendToStream('warm-up', [{ type: 'Opened', data: { at: '' } }])
  const started = performance.now()
  for (let n = 0; n < events / 5; n++) {
    const at = new Date().toISOString()
    await store.appendToStream(
      `ticket-${n}`,
      [0, 1, 2, 2, 3].map((type) => ({ type: types[type], data: { at } })),
    )
  }
  return (events * 1_000) / (performance.now() - started)
}

export const open = (fileName) => {
  const store = getSQLiteEventStore({ fileName })
  return {
    append: (stream, type, data) => store.appendToStream(stream, [{ type, data }]),
    appendAll: (stream, events) => store.appendToStream(stream, events),
    fold: (stream, initial, evolve) =>
      store.aggregateStream(stream, { initialState: () => initial, evolve }).then(({ state }) => state),
  }
}
