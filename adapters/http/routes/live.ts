import { left, right } from 'fp-ts/lib/Either.js'
import { invalid } from '../../../domain/refusal.ts'
import { lastIdOf } from '../sse/frames.ts'
import { sinkTo } from '../sse/connection.ts'
import { lastEventId } from '../headers.ts'
import { noQuery } from '../query.ts'
import { query } from '../route.ts'

/** Server-sent events; a browser comes back by itself, with the id of the last one that it has. */
export const live = query({
  path: '/v1/live',
  operationId: 'listen',
  summary: 'What is new, as it happens: tickets, own notifications, own counters; goes on from Last-Event-ID',
  may: ['customer', 'support'],
  query: noQuery,
  forms: [{ mediaType: 'text/event-stream', codec: null }],
  problems: ['not-ready'],
  handle: async (ports, { caller, request, isStillSignedIn }) => {
    const id = lastEventId(request)
    if (id._tag === 'Left') return id
    const last = id.right === undefined ? null : lastIdOf(id.right)
    if (id.right !== undefined && last === null) return left(invalid('Last-Event-ID', 'must be one of this stream'))
    const isHere = last === null || (await ports.live.knows(last))
    if (isHere === null || !ports.live.isOpen()) {
      return left({ tag: 'NotReady', reason: 'nobody is told anything just now' })
    }
    // Not to begin in silence somewhere else: who comes from another log has missed what nobody can tell from here.
    if (!isHere) {
      return left(invalid('Last-Event-ID', 'is of a log that was elsewhere: look anew, and listen without it'))
    }
    return right({
      mediaType: 'text/event-stream',
      headers: { 'X-Accel-Buffering': 'no' },
      stream: (response) => {
        response.write('retry: 2000\n\n')
        ports.live.join({ caller, sink: sinkTo(response), mayStill: isStillSignedIn }, last?.place ?? null)
      },
    })
  },
})
