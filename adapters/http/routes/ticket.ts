import { left, right } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { invalid } from '../../../domain/refusal.ts'
import { ticketPage, type NamedPerson, type PageAttachment, type TicketPage } from '../../../domain/ticket/page.ts'
import { named, type Attachment, type PersonAnswer, type TicketAnswer } from '../response-schemas.ts'
import { personAnswer, readerOf } from '../persons.ts'
import { moment, wholeNumber } from '../query.ts'
import { json, jsonReply, query } from '../route.ts'

const everyoneOf = (page: TicketPage): string[] => [
  page.author.id,
  ...(page.assignee === null ? [] : [page.assignee.id]),
  ...page.comments.map(({ author }) => author.id),
  ...page.attachments.map(({ uploadedBy }) => uploadedBy.id),
]

const answerOf = (page: TicketPage, unread: boolean, person: (named: NamedPerson) => PersonAnswer): TicketAnswer => {
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

/** Folded from the ticket's own stream, so never stale, now or as it stood then: that is reading its history. */
export const ticket = query({
  path: '/v1/tickets/{id}',
  operationId: 'getTicket',
  summary: 'Read a ticket, now or as it stood at a version or a time',
  may: ['customer', 'support', 'auditor', 'service'],
  query: t.partial({ version: wholeNumber(1, 999_999_999), asOf: moment }),
  forms: [{ mediaType: json, codec: named.Ticket }],
  answerHeaders: ['ETag'],
  problems: ['damaged-stream', 'storage-full', 'outcome-unknown'],
  handle: async ({ commands, views }, { caller, correlationId, param }, until) => {
    if (until.version !== undefined && until.asOf !== undefined) {
      return left(invalid('asOf', 'cannot be asked together with version'))
    }
    const asItStood = until.version !== undefined || until.asOf !== undefined
    const read = asItStood
      ? commands.history({ caller, correlationId }, param('id'))
      : commands.stream(caller, param('id'))
    const stream = await read()
    if (stream._tag === 'Left') return stream
    const page = ticketPage(param('id'), stream.right, until)
    if (page === null) return left({ tag: 'NotFound' })
    const reader = readerOf(caller)
    const unread = reader !== null && views.unread(reader, page.id)
    const lastSeen = personAnswer(caller, views.names(everyoneOf(page)))
    const answer = answerOf(page, unread, ({ id, names }) => lastSeen(id, names))
    return right(jsonReply(answer, { ETag: `"${page.version}"` }))
  },
})
