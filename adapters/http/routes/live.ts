import { left, right } from 'fp-ts/lib/Either.js'
import { invalid } from '../../../domain/refusal.ts'
import { placeOf } from '../live/frames.ts'
import { sinkTo } from '../live/sink.ts'
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
    const after = id.right === undefined ? null : placeOf(id.right)
    if (id.right !== undefined && after === null) return left(invalid('Last-Event-ID', 'must be one of this stream'))
    if (!ports.live.isOpen()) return left({ tag: 'NotReady', reason: 'nobody is told anything just now' })
    return right({
      mediaType: 'text/event-stream',
      headers: { 'X-Accel-Buffering': 'no' },
      stream: (response) => {
        response.write('retry: 2000\n\n')
        ports.live.join({ caller, sink: sinkTo(response), mayStill: isStillSignedIn }, after)
      },
    })
  },
})
