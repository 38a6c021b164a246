import type { Actor, Customer, Person, Support } from '../../../domain/actor.ts'
import type { Assign, Close, Comment, Open, Reopen, SetStatus, Take, Upload } from '../../../domain/ticket/commands.ts'
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
