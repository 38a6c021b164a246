import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import * as t from 'io-ts'
import type { Principal } from '../../../domain/actor.ts'
import type { Commands } from '../../../domain/commands.ts'
import type { TicketId } from '../../../domain/ids.ts'
import { documented } from '../../../domain/codec.ts'
import { component } from '../../api/component.ts'
import { readerOf } from '../caller.ts'
import { appendProblems, type Refused } from '../problems.ts'
import { ticketParam } from '../request-parameters.ts'
import { askQueries, command, jsonReply } from '../route.ts'

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

const SeenResponse = component('Seen', t.strict({ unread: t.boolean }))

const noMarks: Refused = { tag: 'Forbidden', reason: 'only customers and support have reading marks' }

/** While no read model says so. The mark is stored: that the log cannot be read now must not be told as a refusal of it. */
const unreadInLog = (commands: Commands, caller: Principal, ticket: TicketId): TE.TaskEither<Refused, boolean> =>
  pipe(
    commands.stream(caller, ticket),
    TE.flatMap((stream) => commands.isUnread(caller, ticket, stream)),
    TE.mapLeft((): Refused => ({ tag: 'OutcomeUnknown' })),
  )

/** One person's reading mark. It takes no Idempotency-Key and no If-Match (docs/domain.md, Reading marks). */
export const seen = command({
  path: '/v1/tickets/{id}/seen',
  operationId: 'seeTicket',
  summary: 'Mark the ticket as read up to a version, for this person alone',
  may: ['customer', 'support'],
  body: t.partial({ upTo: version }),
  mayBeEmpty: true,
  response: SeenResponse,
  responseHeaders: ['Ledger-Position'],
  problems: appendProblems,
  handle: ({ commands, readModels }, { caller, correlationId, param }, { upTo }) =>
    pipe(
      E.Do,
      E.bind('reader', () => E.fromNullable(noMarks)(readerOf(caller))),
      E.bind('ticket', () => ticketParam({ param })),
      TE.fromEither,
      TE.bindW('marked', ({ ticket }) => commands.seen({ caller, correlationId }, ticket, upTo)),
      TE.bindW('unread', ({ reader, ticket }) => {
        const known = askQueries(readModels, ['reading'], ({ reading }) => reading.unreadAmong(reader, [ticket]))
        return known === null ? unreadInLog(commands, caller, ticket) : TE.right(known.has(ticket))
      }),
      TE.map(({ marked, unread }) => jsonReply({ unread }, { 'Ledger-Position': marked.position })),
    ),
})
