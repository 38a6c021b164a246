import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import { namesOf, type Actor, type Person } from '../../actor.ts'
import { email, externalText, text } from '../../codec.ts'
import type { Upload } from '../../files/uploads.ts'
import { ExternalAccountId, ExternalPersonId, type AccountId } from '../../ids.ts'
import { invalid, type Refusal } from '../../refusal.ts'
import type { Category } from '../category.ts'
import { subjectLimit } from '../../text.ts'
import type { Ticket } from '../ticket.ts'
import { fileAttached, statusChanged, nothing } from './changes.ts'
import {
  attachments,
  type Decision,
  defineCommand,
  messageText,
  type DecisionContext,
  type CommandOrRefusal,
} from './define-command.ts'

/** Texts come trimmed and within their limits. */
export interface Open {
  readonly type: 'open'
  readonly actor: Actor
  readonly subject: string
  readonly description: string
  readonly category: Category
  /** The page of the product that the form was opened from. */
  readonly source?: string
  readonly attachments: readonly Upload[]
  /** A customer for whom support opens the ticket: it is theirs then. */
  readonly requester?: Person & { readonly account: AccountId }
}

/** A caller names a category that is offered; what an import records was one where it comes from. */
const categoryOf = (id: string, { categories, imported }: DecisionContext): E.Either<Refusal, Category> => {
  const found = categories.find((category) => category.id === id && (imported || !category.retired))
  if (found === undefined && imported) return E.right({ id, name: id })
  return found === undefined
    ? E.left(invalid('category', `must be one of ${categories.flatMap((c) => (c.retired ? [] : [c.id])).join(', ')}`))
    : E.right({ id: found.id, name: found.name })
}

/** Opening for a requester is one append: the ticket waits for its customer at once, and the agent is its assignee. */
const decide =
  (command: Open) =>
  (ticket: Ticket): Decision => {
    if (ticket.status !== 'none') return E.right(nothing)
    const author = command.requester ?? (command.actor.role === 'customer' ? command.actor : undefined)
    if (author === undefined) return E.left({ tag: 'Forbidden', reason: 'support opens a ticket for a requester' })
    return E.right([
      {
        type: 'Opened',
        data: {
          account: author.account,
          category: command.category,
          author: { id: author.id },
          ...(command.source === undefined ? {} : { source: command.source }),
        },
        personal: { subject: command.subject, description: command.description, author: namesOf(author) },
      },
      ...command.attachments.map(fileAttached),
      ...(command.requester === undefined
        ? []
        : [statusChanged('open', 'waiting_for_customer', 'opened_for_customer', command.actor)]),
    ])
  }

export const open = defineCommand({
  type: 'open',
  summary: 'Open a ticket, as support for a requester',
  action: 'open a ticket',
  body: t.intersection([
    t.strict({ subject: text(subjectLimit), description: messageText, category: externalText }),
    t.partial({
      attachments,
      source: text(2_000),
      requester: t.strict({ id: ExternalPersonId, name: externalText, email, account: ExternalAccountId }),
    }),
  ]),
  by: ['customer', 'support'],
  supportOnly: ['requester'],
  refusals: ['TooManyFiles', 'UnknownFile'],
  authorise: ({ requester }, { role }) =>
    role === 'support' && requester === undefined
      ? E.left(invalid('requester', 'is missing: support opens a ticket for a requester'))
      : E.right(undefined),
  toCommand: ({ subject, description, category, source, requester }, context): CommandOrRefusal<Open> =>
    pipe(
      categoryOf(category, context),
      E.map((found) => ({
        type: 'open',
        actor: context.actor,
        subject,
        description,
        category: found,
        attachments: context.attachments,
        ...(source === undefined ? {} : { source }),
        ...(requester === undefined ? {} : { requester }),
      })),
    ),
  decide,
})
