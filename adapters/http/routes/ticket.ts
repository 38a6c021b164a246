import { create as contentDisposition } from 'content-disposition'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import * as t from 'io-ts'
import type { Principal } from '../../../domain/actor.ts'
import type { RecordedEvent } from '../../../domain/event-log/envelope.ts'
import { toHistoryJson } from '../../../domain/event-log/history-json.ts'
import type { PersonId, TicketId } from '../../../domain/ids.ts'
import { invalid } from '../../../domain/refusal.ts'
import { ticketPage, type NamedPerson, type PageAttachment, type TicketPage } from '../../../domain/ticket/page.ts'
import type { Queries } from '../../../projections/projection.ts'
import type { Helpdesk } from '../../../projections/registry.ts'
import { HistoryResponse, TicketResponse, type Attachment } from '../../api/response-schemas.ts'
import { personFor, readerOf, seesEmail } from '../caller.ts'
import type { RoutePorts } from '../ports.ts'
import { appendProblems, type Refused } from '../problems.ts'
import { isoTime, noQuery, ticketParam, wholeNumber } from '../request-parameters.ts'
import { askQueries, json, jsonReply, query, rawQuery, type Route } from '../route.ts'

/** What reads one ticket: its page, its history, and the history with its proof. */

const peopleOf = (page: TicketPage): PersonId[] => [
  page.author.id,
  ...(page.assignee === null ? [] : [page.assignee.id]),
  ...page.comments.map(({ author }) => author.id),
  ...page.attachments.map(({ uploadedBy }) => uploadedBy.id),
]

/** What is shown beside what the ticket's stream says. */
interface Beside {
  readonly named: ReturnType<typeof personFor>
  readonly unread: boolean
}

const fromReadModels =
  (page: TicketPage, caller: Principal) =>
  ({ people, reading }: Pick<Queries<Helpdesk>, 'people' | 'reading'>): Beside => {
    const reader = readerOf(caller)
    return {
      named: personFor(caller, people, peopleOf(page)),
      unread: reader !== null && reading.unreadAmong(reader, [page.id]).has(page.id),
    }
  }

/** While read models catch up, people stand under the names that the ticket's events recorded. */
const fromLog = (
  { commands }: Pick<RoutePorts, 'commands'>,
  caller: Principal,
  { id, stream }: { readonly id: TicketId; readonly stream: readonly RecordedEvent[] },
): TE.TaskEither<Refused, Beside> =>
  pipe(
    readerOf(caller) === null ? TE.right(false) : commands.isUnread(caller, id, stream),
    TE.map((unread) => ({ named: personFor(caller, { byIds: () => new Map() }, []), unread })),
  )

const responseOf = (page: TicketPage, { named, unread }: Beside): TicketResponse => {
  const person = ({ id, names }: NamedPerson) => named(id, names)
  const attachment = (file: PageAttachment): Attachment => ({ ...file, uploadedBy: person(file.uploadedBy) })
  return {
    ...page,
    author: person(page.author),
    assignee: page.assignee === null ? null : person(page.assignee),
    category: page.category.id,
    unread,
    attachments: page.attachments.map(attachment),
    comments: page.comments.map((comment) => ({
      ...comment,
      author: person(comment.author),
      attachments: comment.attachments.map(attachment),
    })),
  }
}

/**
 * Folded from the ticket's own stream, so never stale. An earlier state is part of the history, so reading it needs what
 * reading the history needs.
 */
const ticket = query({
  path: '/v1/tickets/{id}',
  operationId: 'getTicket',
  summary: 'Read a ticket, now or as it stood at a version or a time',
  fromLog: true,
  may: ['customer', 'support', 'auditor', 'service'],
  query: t.partial({ version: wholeNumber(1, 999_999_999), asOf: isoTime }),
  response: TicketResponse,
  responseHeaders: ['ETag'],
  problems: ['damaged-stream', 'storage-full', 'log-sealed', 'outcome-unknown'],
  handle: ({ commands, readModels }, { caller, correlationId, param }, until) => {
    if (until.version !== undefined && until.asOf !== undefined) {
      return TE.left(invalid('asOf', 'cannot be given together with version'))
    }
    const isEarlier = until.version !== undefined || until.asOf !== undefined
    return pipe(
      TE.fromEither(ticketParam({ param })),
      TE.bindTo('id'),
      TE.bindW('stream', ({ id }) =>
        isEarlier ? commands.history({ caller, correlationId }, id) : commands.stream(caller, id),
      ),
      TE.bindW('page', ({ id, stream }) =>
        TE.fromNullable<Refused>({ tag: 'NotFound' })(ticketPage(id, stream, until)),
      ),
      TE.bindW('beside', ({ page, ...read }) => {
        const known = askQueries(readModels, ['people', 'reading'], fromReadModels(page, caller))
        return known === null ? fromLog({ commands }, caller, read) : TE.right(known)
      }),
      TE.map(({ page, beside }) => jsonReply(responseOf(page, beside), { ETag: `"${page.version}"` })),
    )
  },
})

const ndjson = 'application/x-ndjson'

/** E-mail addresses stand in an event beside names, at any depth. */
const withoutEmail = (key: string, value: unknown): unknown => (key === 'email' ? undefined : value)

const lineFor = (caller: Principal) => (event: RecordedEvent) =>
  JSON.stringify(toHistoryJson(event), seesEmail(caller) ? undefined : withoutEmail)

/** Every event with its hashes. An auditor's reading is recorded before the response. */
const history = rawQuery({
  path: '/v1/tickets/{id}/history',
  operationId: 'getHistory',
  summary: 'Read every event of a ticket',
  fromLog: true,
  may: ['customer', 'support', 'auditor', 'service'],
  query: noQuery,
  representations: [
    { mediaType: json, codec: HistoryResponse },
    { mediaType: ndjson, codec: null },
  ],
  problems: ['damaged-stream', 'storage-full', 'log-sealed', 'outcome-unknown'],
  handle: ({ commands }, { caller, correlationId, param, mediaType }) =>
    pipe(
      TE.fromEither(ticketParam({ param })),
      TE.flatMap((id) => commands.history({ caller, correlationId }, id)),
      TE.map((stream) => stream.map(lineFor(caller))),
      TE.map((lines) =>
        mediaType === ndjson
          ? { mediaType, content: lines.map((line) => `${line}\n`).join('') }
          : { mediaType: json, content: `{"items":[${lines.join(',')}]}` },
      ),
    ),
})

const clientIsGone: Refused = { tag: 'NotReady', reason: 'the client closed its connection' }

/**
 * A bundle holds e-mail addresses, as they were hashed, so only roles that see them may have it. That an auditor takes it
 * is recorded as reading the history, and only when the bundle is made: a request that ends before leaves no record of
 * something shown.
 */
const proof = rawQuery({
  path: '/v1/tickets/{id}/proof',
  operationId: 'getProof',
  summary: "Download a ticket's history with a proof that it stands in the log",
  fromLog: true,
  may: ['support', 'auditor'],
  query: noQuery,
  representations: [{ mediaType: json, codec: t.UnknownRecord }],
  responseHeaders: ['Content-Disposition'],
  problems: appendProblems,
  handle: ({ commands, prove }, { caller, correlationId, param, request }) => {
    const begin = async (id: TicketId) =>
      request.socket.destroyed ? E.left(clientIsGone) : commands.history({ caller, correlationId }, id)()
    return pipe(
      TE.fromEither(ticketParam({ param })),
      TE.bindTo('id'),
      TE.bindW(
        'bundle',
        ({ id }) =>
          () =>
            prove(id, () => begin(id)),
      ),
      TE.map(({ id, bundle }) => ({
        mediaType: json,
        content: bundle,
        headers: { 'Content-Disposition': contentDisposition(`${id}.bundle.json`) },
      })),
    )
  },
})

export const ticketRoutes: readonly Route[] = [ticket, history, proof]
