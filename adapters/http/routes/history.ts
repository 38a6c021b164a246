import { right } from 'fp-ts/lib/Either.js'
import type { RecordedEvent } from '../../../domain/event-log/envelope.ts'
import { toHistoryJson } from '../../../domain/event-log/history-json.ts'
import { named } from '../response-schemas.ts'
import { seesMail } from '../persons.ts'
import { noQuery } from '../query.ts'
import { json, query } from '../route.ts'

const ndjson = 'application/x-ndjson'

/** Mails stand in an event where people do, however deep. */
const withoutMail = (key: string, value: unknown): unknown => (key === 'email' ? undefined : value)

/** Every event of a ticket, with what proves it. That an auditor read it is itself recorded. */
export const history = query({
  path: '/v1/tickets/{id}/history',
  operationId: 'getHistory',
  summary: 'Read every event of a ticket',
  may: ['customer', 'support', 'auditor', 'service'],
  query: noQuery,
  forms: [
    { mediaType: json, codec: named.History },
    { mediaType: ndjson, codec: null },
  ],
  problems: ['damaged-stream', 'storage-full', 'outcome-unknown'],
  handle: async ({ commands }, { caller, correlationId, param, mediaType }) => {
    const stream = await commands.history({ caller, correlationId }, param('id'))()
    if (stream._tag === 'Left') return stream
    const line = (event: RecordedEvent): string =>
      JSON.stringify(toHistoryJson(event), seesMail(caller) ? undefined : withoutMail)
    const lines = stream.right.map(line)
    return right(
      mediaType === ndjson
        ? { mediaType: ndjson, content: lines.map((each) => `${each}\n`).join('') }
        : { mediaType: json, content: `{"items":[${lines.join(',')}]}` },
    )
  },
})
