import type { Actor, Customer, Person, Support } from '../../../domain/actor.ts'
import type { Upload } from '../../../domain/files/uploads.ts'
import type { Assign } from '../../../domain/ticket/commands/assign.ts'
import type { Close } from '../../../domain/ticket/commands/close.ts'
import type { Comment } from '../../../domain/ticket/commands/comment.ts'
import type { Open } from '../../../domain/ticket/commands/open.ts'
import type { Reopen } from '../../../domain/ticket/commands/reopen.ts'
import type { SetStatus } from '../../../domain/ticket/commands/set-status.ts'
import type { Take } from '../../../domain/ticket/commands/take.ts'
import { category } from './events.ts'

/** The commands in the words of the examples. */
export const open = (actor: Actor, more: Partial<Open> = {}): Open => ({
  type: 'open',
  actor,
  subject: 'No sound',
  description: 'The stream is silent.',
  category,
  attachments: [],
  ...more,
})

export const openFor = (actor: Support, requester: Customer, more: Partial<Open> = {}): Open =>
  open(actor, {
    requester: { id: requester.id, name: requester.name, email: requester.email, account: requester.account },
    ...more,
  })

export const comment = (actor: Actor, body: string, ...attachments: readonly Upload[]): Comment => ({
  type: 'comment',
  actor,
  body,
  attachments,
})

export const commentThen = (
  actor: Support,
  body: string,
  thenStatus: NonNullable<Comment['thenStatus']>,
  ...attachments: readonly Upload[]
): Comment => ({ type: 'comment', actor, body, attachments, thenStatus })

export const take = (actor: Support): Take => ({ type: 'take', actor })

export const status = (actor: Support, named: SetStatus['status']): SetStatus => ({
  type: 'status',
  actor,
  status: named,
})

export const assign = (actor: Support, { id, name, email }: Person): Assign => ({
  type: 'assign',
  actor,
  assignee: { id, name, email },
})

export const close = (actor: Actor): Close => ({ type: 'close', actor })

export const reopen = (actor: Actor, body: string, ...attachments: readonly Upload[]): Reopen => ({
  type: 'reopen',
  actor,
  body,
  attachments,
})
