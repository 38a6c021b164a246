import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Call, Receipt } from '../../../domain/commands.ts'
import type { OwnRefusal } from '../../../domain/ticket/commands/define-command.ts'
import {
  requestOf,
  ticketCommands as commands,
  type AnyCommand,
  type CommandType,
} from '../../../domain/ticket/commands/registry.ts'
import { ReceiptResponse } from '../../api/response-schemas.ts'
import type { Refused, Slug } from '../problems.ts'
import { idempotencyKey, ifMatch, ticketParam } from '../request-parameters.ts'
import { command, jsonReply, type RequestContext, type Route } from '../route.ts'
import type { JsonReply } from '../replies.ts'

/** Where a command's address and status differ from `POST /v1/tickets/{id}/<type>` and 200. */
const addresses: Readonly<Partial<Record<CommandType, { readonly path: string; readonly status: 201 }>>> = {
  open: { path: '/v1/tickets', status: 201 },
  comment: { path: '/v1/tickets/{id}/comments', status: 201 },
}

const slugs: Readonly<Record<OwnRefusal, Slug>> = {
  TicketClosed: 'ticket-closed',
  TicketNotClosed: 'ticket-not-closed',
  NotSupport: 'not-support',
  TooManyFiles: 'too-many-files',
  UnknownFile: 'unknown-file',
}

/** What every command may be refused. */
const common: readonly Slug[] = ['idempotency-mismatch', 'not-ready', 'storage-full', 'log-sealed', 'outcome-unknown']
/** What a command on a ticket that exists may be refused too. */
const onTicket: readonly Slug[] = ['version-conflict', 'damaged-stream']

/** The call with what its headers ask. A new ticket has no version that If-Match could name. */
const callOf = ({ caller, correlationId, request }: RequestContext, isNew: boolean): E.Either<Refused, Call> =>
  pipe(
    E.Do,
    E.bind('key', () => idempotencyKey.read(request)),
    E.bind('version', () => ifMatch.read(request)),
    E.map(({ key, version }) => ({
      caller,
      correlationId,
      ...(key === undefined ? {} : { idempotencyKey: key }),
      ...(version === undefined || isNew ? {} : { ifVersion: version }),
    })),
  )

const receiptReply = (receipt: Receipt, isNew: boolean): JsonReply<Receipt> =>
  jsonReply(receipt, {
    ETag: `"${receipt.version}"`,
    'Ledger-Position': receipt.position,
    ...(isNew ? { Location: `/v1/tickets/${receipt.id}` } : {}),
  })

const routeOf = ({ type, summary, body, mayBeEmpty = false, by, refusals }: AnyCommand): Route => {
  const { path, status } = addresses[type] ?? { path: `/v1/tickets/{id}/${type}`, status: 200 }
  const isNew = type === 'open'
  return command({
    path,
    operationId: `${type}Ticket`,
    summary,
    may: [...by, 'service'],
    body,
    mayBeEmpty,
    status,
    hasIdempotencyKey: true,
    response: ReceiptResponse,
    responseHeaders: ['ETag', 'Ledger-Position', ...(isNew ? (['Location'] as const) : [])],
    problems: [...refusals.map((tag) => slugs[tag]), ...(isNew ? [] : onTicket), ...common],
    handle: (ports, context, decoded) => {
      const request = requestOf(type, decoded)
      return pipe(
        TE.fromEither(callOf(context, isNew)),
        TE.flatMap((call): TE.TaskEither<Refused, Receipt> =>
          request.type === 'open'
            ? ports.commands.open(call, request)
            : pipe(
                TE.fromEither(ticketParam(context)),
                TE.flatMap((ticket) => ports.commands.act(call, ticket, request)),
              ),
        ),
        TE.map((receipt) => receiptReply(receipt, isNew)),
      )
    },
  })
}

/** A route for each command of the registry. */
export const ticketCommands: readonly Route[] = Object.values<AnyCommand>(commands).map(routeOf)
