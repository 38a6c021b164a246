import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { invalid } from '../../../domain/refusal.ts'
import type { LiveUpdates } from '../ports.ts'
import { connectionTo } from '../sse/connection.ts'
import { parseEventId, type LiveEventId } from '../sse/event-id.ts'
import type { Refused } from '../problems.ts'
import { lastEventId, noQuery } from '../request-parameters.ts'
import { rawQuery, requireQueries } from '../route.ts'

const notOpen: Refused = { tag: 'NotReady', reason: 'live updates are not available just now' }
const malformed: Refused = invalid('Last-Event-ID', 'must be one of this stream')
/** A client that comes from another log has missed events that cannot be found from here, and must read the tickets again. */
const otherLog: Refused = invalid(
  'Last-Event-ID',
  'is of another log: read the tickets again, and connect without this header',
)

const unplaced: Refused = invalid(
  'Last-Event-ID',
  'names a position at which no event stands: send the id of a message as it was received, or connect without this header',
)

/** The id to resume behind; null without one. */
const parse = (text: string | undefined): TE.TaskEither<Refused, LiveEventId | null> =>
  text === undefined ? TE.right(null) : TE.fromNullable(malformed)(parseEventId(text))

const requireKnown =
  (live: LiveUpdates) =>
  (id: LiveEventId | null): TE.TaskEither<Refused, unknown> =>
  async () => {
    const standing = id === null ? 'known' : await live.standingOf(id)
    if (standing === null || !live.isOpen()) return E.left(notOpen)
    if (standing === 'other-log') return E.left(otherLog)
    return standing === 'unplaced' ? E.left(unplaced) : E.right(undefined)
  }

/** Server-sent events; a browser reconnects by itself with the id of the last message that it received. */
export const live = rawQuery({
  path: '/v1/live',
  operationId: 'listen',
  summary: 'Follow changes of tickets, own notifications and own counters; resumes after Last-Event-ID',
  may: ['customer', 'support'],
  query: noQuery,
  representations: [{ mediaType: 'text/event-stream', codec: null }],
  problems: ['not-ready'],
  handle: ({ live, readModels }, { caller, request, isStillSignedIn }) =>
    pipe(
      requireQueries(readModels, 'tickets', 'reading', 'notifications'),
      E.flatMap(() => lastEventId.read(request)),
      TE.fromEither,
      TE.flatMap(parse),
      TE.tap(requireKnown(live)),
      TE.map((id) => ({
        mediaType: 'text/event-stream',
        headers: { 'X-Accel-Buffering': 'no' },
        stream: (response) => {
          response.write('retry: 2000\n\n')
          live.connect({ caller, connection: connectionTo(response), isStillSignedIn }, id?.progress ?? null)
        },
      })),
    ),
})
