import { left, right, type Either } from 'fp-ts/lib/Either.js'
import type { Actor } from '../../domain/actor.ts'
import { mostFiles } from '../../domain/files/kinds.ts'
import { invalid, type Refusal } from '../../domain/refusal.ts'
import type { Request } from '../../domain/ticket/bodies.ts'
import type { Category, TicketCommand, Upload } from '../../domain/ticket/commands.ts'

const forbidden = (reason: string): Either<Refusal, never> => left({ tag: 'Forbidden', reason })

/** What only support may ask for, refused by role before anything else of the command is looked at (rulings, 11, 15). */
export const allowed = (actor: Actor, request: Request): Either<Refusal, void> => {
  if (actor.role === 'support') {
    return request.type === 'open' && request.requester === undefined
      ? left(invalid('requester', 'is missing: support opens a ticket for a requester'))
      : right(undefined)
  }
  if (request.type === 'open' && request.requester !== undefined) return forbidden('only support opens for a requester')
  if (request.type === 'comment' && request.thenStatus !== undefined) return forbidden('only support sets a status')
  if (request.type === 'take' || request.type === 'status' || request.type === 'assign') {
    return forbidden(`only support may ${request.type === 'status' ? 'set a status' : request.type} a ticket`)
  }
  return right(undefined)
}

/** The ids of the uploads that a request names, each once. */
export const namedFiles = (request: Request): Either<Refusal, readonly string[]> => {
  const ids = 'attachments' in request ? (request.attachments ?? []) : []
  if (ids.length > mostFiles) return left({ tag: 'TooManyFiles', count: ids.length })
  return new Set(ids).size === ids.length ? right(ids) : left(invalid('attachments', 'must name each file once'))
}

/** What an import records was a category where it comes from; a live caller names one that is offered. */
const categoryOf = (
  categories: readonly (Category & { readonly retired: boolean })[],
  id: string,
  imported: boolean,
): Either<Refusal, Category> => {
  const found = categories.find((category) => category.id === id && (imported || !category.retired))
  if (found === undefined && imported) return right({ id, name: id })
  return found === undefined
    ? left(invalid('category', `must be one of ${categories.flatMap((c) => (c.retired ? [] : [c.id])).join(', ')}`))
    : right({ id: found.id, name: found.name })
}

/** From a caller's words to a command of the domain. Role and files were checked before. */
export const commandOf = (
  actor: Actor,
  request: Request,
  attachments: readonly Upload[],
  categories: readonly (Category & { readonly retired: boolean })[],
  imported: boolean,
): Either<Refusal, TicketCommand> => {
  switch (request.type) {
    case 'open': {
      const category = categoryOf(categories, request.category, imported)
      if (category._tag === 'Left') return category
      const { subject, description, source, requester } = request
      return right({
        type: 'open',
        actor,
        subject,
        description,
        category: category.right,
        attachments,
        ...(source === undefined ? {} : { source }),
        ...(requester === undefined ? {} : { requester }),
      })
    }
    case 'comment': {
      if (request.body === undefined && attachments.length === 0) {
        return left(invalid('body', 'is missing: a comment needs a text or a file'))
      }
      const { body = '', thenStatus } = request
      return right({ type: 'comment', actor, body, attachments, ...(thenStatus === undefined ? {} : { thenStatus }) })
    }
    case 'reopen':
      return right({ type: 'reopen', actor, body: request.body, attachments })
    case 'close':
      return right({ type: 'close', actor })
    default: {
      if (actor.role !== 'support') return forbidden('only support may do this')
      if (request.type === 'take') return right({ type: 'take', actor })
      return request.type === 'status'
        ? right({ type: 'status', actor, status: request.status })
        : right({ type: 'assign', actor, assignee: request.assignee })
    }
  }
}
