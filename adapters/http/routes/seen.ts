import { left, right } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { documented } from '../../../domain/codec.ts'
import { named } from '../response-schemas.ts'
import { readerOf } from '../persons.ts'
import { command, jsonReply } from '../route.ts'

const version: t.Type<number, number, unknown> = documented(
  { type: 'integer', minimum: 1 },
  new t.Type(
    'a version',
    t.number.is,
    (input, context) =>
      typeof input === 'number' && Number.isSafeInteger(input) && input >= 1
        ? t.success(input)
        : t.failure(input, context, 'must be a whole number from 1'),
    t.identity,
  ),
)

/** The reading mark of one person: it binds no key and no version (rulings, 14). */
export const seen = command({
  path: '/v1/tickets/{id}/seen',
  operationId: 'seeTicket',
  summary: 'Mark the ticket as read up to a version, for this person alone',
  may: ['customer', 'support'],
  body: t.partial({ upTo: version }),
  mayBeEmpty: true,
  answers: named.Seen,
  answerHeaders: ['Ledger-Position'],
  problems: ['damaged-stream', 'not-ready', 'storage-full', 'outcome-unknown'],
  handle: async ({ commands, views }, { caller, correlationId, param }, { upTo }) => {
    const reader = readerOf(caller)
    if (reader === null) return left({ tag: 'Forbidden', reason: 'only customers and support have reading marks' })
    const marked = await commands.seen({ caller, correlationId }, param('id'), upTo)()
    if (marked._tag === 'Left') return marked
    const unread = views.unread(reader, param('id'))
    return right(jsonReply({ unread }, { 'Ledger-Position': marked.right.position }))
  },
})
