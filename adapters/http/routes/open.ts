import { OpenBody } from '../../../domain/ticket/bodies.ts'
import { ReceiptAnswer } from '../response-schemas.ts'
import { command } from '../route.ts'
import { callOf, receiptReply } from './calls.ts'

export const open = command({
  path: '/v1/tickets',
  operationId: 'openTicket',
  summary: 'Open a ticket, as support for a requester',
  may: ['customer', 'support', 'service'],
  body: OpenBody,
  status: 201,
  answers: ReceiptAnswer,
  answerHeaders: ['ETag', 'Ledger-Position', 'Location'],
  problems: ['idempotency-mismatch', 'too-many-files', 'unknown-file', 'not-ready', 'storage-full', 'outcome-unknown'],
  handle: async ({ commands }, asked, body) => {
    const call = callOf(asked)
    if (call._tag === 'Left') return call
    const opened = await commands.open(call.right, { type: 'open', ...body })()
    return receiptReply(opened, ({ id }) => ({ Location: `/v1/tickets/${id}` }))
  },
})
