import type * as t from 'io-ts'
import type { Role } from '../../../domain/actor.ts'
import {
  AssignBody,
  BareBody,
  CommentBody,
  ReopenBody,
  StatusBody,
  type TicketRequest,
} from '../../../domain/ticket/bodies.ts'
import { ReceiptAnswer } from '../response-schemas.ts'
import type { Slug } from '../problems.ts'
import { command, type Route } from '../route.ts'
import { callOf, receiptReply } from './calls.ts'

const everyone: readonly Role[] = ['customer', 'support', 'service']
const supportOnly: readonly Role[] = ['support', 'service']

/** One command on a ticket that exists; the commands differ in their words only. */
const onTicket = <B>(spec: {
  readonly verb: TicketRequest['type']
  /** The path's last part, where it is not the verb. */
  readonly path?: string
  readonly summary: string
  readonly may: readonly Role[]
  readonly body: t.Type<B, unknown, unknown>
  readonly mayBeEmpty?: boolean
  readonly status?: 200 | 201
  readonly problems: readonly Slug[]
  readonly request: (body: B) => TicketRequest
}): Route =>
  command({
    path: `/v1/tickets/{id}/${spec.path ?? spec.verb}`,
    operationId: `${spec.verb}Ticket`,
    summary: spec.summary,
    may: spec.may,
    body: spec.body,
    mayBeEmpty: spec.mayBeEmpty ?? false,
    status: spec.status ?? 200,
    answers: ReceiptAnswer,
    answerHeaders: ['ETag', 'Ledger-Position'],
    problems: [
      ...spec.problems,
      'version-conflict',
      'idempotency-mismatch',
      'damaged-stream',
      'not-ready',
      'storage-full',
      'outcome-unknown',
    ],
    handle: async ({ commands }, asked, body) => {
      const call = callOf(asked)
      if (call._tag === 'Left') return call
      return receiptReply(await commands.act(call.right, asked.param('id'), spec.request(body))())
    },
  })

export const ticketCommands: readonly Route[] = [
  onTicket({
    verb: 'comment',
    path: 'comments',
    summary: 'Comment, with files if need be; support may set a status with it',
    may: everyone,
    body: CommentBody,
    status: 201,
    problems: ['ticket-closed', 'too-many-files', 'unknown-file'],
    request: (body) => ({ type: 'comment', ...body }),
  }),
  onTicket({
    verb: 'take',
    summary: 'Take the ticket up: in progress, and its assignee',
    may: supportOnly,
    body: BareBody,
    mayBeEmpty: true,
    problems: ['ticket-closed'],
    request: (body) => ({ type: 'take', ...body }),
  }),
  onTicket({
    verb: 'status',
    summary: 'Set the status to in progress or waiting for customer',
    may: supportOnly,
    body: StatusBody,
    problems: ['ticket-closed'],
    request: (body) => ({ type: 'status', ...body }),
  }),
  onTicket({
    verb: 'assign',
    summary: 'Give the ticket to somebody of the support team',
    may: supportOnly,
    body: AssignBody,
    problems: ['ticket-closed', 'not-support'],
    request: (body) => ({ type: 'assign', ...body }),
  }),
  onTicket({
    verb: 'close',
    summary: 'Close the ticket, from whatever status',
    may: everyone,
    body: BareBody,
    mayBeEmpty: true,
    problems: [],
    request: (body) => ({ type: 'close', ...body }),
  }),
  onTicket({
    verb: 'reopen',
    summary: 'Reopen a closed ticket with a message',
    may: everyone,
    body: ReopenBody,
    problems: ['ticket-not-closed', 'too-many-files', 'unknown-file'],
    request: (body) => ({ type: 'reopen', ...body }),
  }),
]
