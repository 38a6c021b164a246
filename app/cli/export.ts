import { isLeft, left, right } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { readable, type EventStore } from '../../domain/event-log/event-store.ts'
import { start, positionOf } from '../../domain/event-log/envelope.ts'
import { toExportJson } from '../../domain/event-log/export-json.ts'
import { ticketStream } from '../../domain/ids.ts'
import type { Failure } from '../failures.ts'
import { logAfter } from '../log-pages.ts'
import { invalidArgument, ticketArgument } from './arguments.ts'
import { print } from './output.ts'

/** `export`: prints events as NDJSON in log order: all, those after a position, or those of one ticket. */
export const printExport =
  (
    store: EventStore,
    { ticket, after = start }: { readonly ticket?: string; readonly after?: string },
  ): TaskEither<Failure, void> =>
  async () => {
    if (!/^\d{1,20}$/.test(after)) {
      return invalidArgument('--after', `must be a position, which is a whole number, and is "${after}"`)
    }
    const id = ticket === undefined ? right(undefined) : ticketArgument('--ticket', ticket)
    if (isLeft(id)) return id
    const stream = id.right === undefined ? undefined : ticketStream(id.right)
    const from = positionOf(BigInt(after))
    if (from !== start && readable(await store.eventAt(from)()) === null) {
      return invalidArgument('--after', `must be 0 or the position of an event, and none stands at ${from}`)
    }
    let isEmpty = true
    for await (const stored of logAfter(store, from)) {
      if (stream === undefined || stored.stream === stream) {
        isEmpty = false
        await print(JSON.stringify(toExportJson(stored)))
      }
    }
    if (isEmpty && stream !== undefined && readable(await store.readStream(stream)()).length === 0) {
      return left({ code: 'NotFound', what: `ticket ${id.right}` })
    }
    return right(undefined)
  }
