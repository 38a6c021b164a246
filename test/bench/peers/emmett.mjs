// emmett on SQLite with its default pool. Plain JavaScript: its types are here only where the peers are installed.
import { getSQLiteEventStore } from '@event-driven-io/emmett-sqlite'

export const open = (fileName) => {
  const store = getSQLiteEventStore({ fileName })
  return {
    append: (stream, type, data) => store.appendToStream(stream, [{ type, data }]),
    appendAll: (stream, events) => store.appendToStream(stream, events),
    fold: (stream, initial, evolve) =>
      store.aggregateStream(stream, { initialState: () => initial, evolve }).then(({ state }) => state),
  }
}
