import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Actor } from '../../actor.ts'
import { moveTo } from './changes.ts'
import { defineCommand, onExisting, type Prepared } from './define-command.ts'

export interface Close {
  readonly type: 'close'
  readonly actor: Actor
}

export const close = defineCommand({
  type: 'close',
  summary: 'Close the ticket, from whatever status',
  action: 'close a ticket',
  body: t.partial({}),
  mayBeEmpty: true,
  by: ['customer', 'support'],
  refusals: [],
  prepare: (_body, { actor }): Prepared<Close> => E.right({ type: 'close', actor }),
  decide: onExisting(({ actor }: Close, ticket) => E.right(moveTo('closed', actor, ticket))),
})
