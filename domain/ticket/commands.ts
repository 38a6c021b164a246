import type { Actor, Person, Support } from '../actor.ts'
import type { Status } from './status.ts'

/** A file that was uploaded and checked before, as the files port describes it. */
export interface Upload {
  readonly id: string
  readonly name: string
  readonly mediaType: string
  readonly size: number
  readonly sha256: string
}

export interface Category {
  readonly id: string
  readonly name: string
}

/** A requester is a customer, named by support who opens the ticket for them. */
export interface Requester extends Person {
  readonly account: string
}

interface Message {
  readonly body: string
  readonly attachments: readonly Upload[]
}

/** The commands in the order of the table in domain.md. Texts come trimmed and within their limits. */
export interface Open {
  readonly type: 'open'
  readonly actor: Actor
  readonly subject: string
  readonly description: string
  readonly category: Category
  readonly source?: string
  readonly attachments: readonly Upload[]
  /** By support only; the ticket is then the requester's. */
  readonly requester?: Requester
}
export interface Comment extends Message {
  readonly type: 'comment'
  readonly actor: Actor
  /** By support only: where the ticket is to stand after the comment. */
  readonly thenStatus?: Exclude<Status, 'open'>
}
export interface Take {
  readonly type: 'take'
  readonly actor: Support
}
export interface SetStatus {
  readonly type: 'status'
  readonly actor: Support
  readonly status: 'in_progress' | 'waiting_for_customer'
}
export interface Assign {
  readonly type: 'assign'
  readonly actor: Support
  readonly assignee: Person
}
export interface Close {
  readonly type: 'close'
  readonly actor: Actor
}
export interface Reopen extends Message {
  readonly type: 'reopen'
  readonly actor: Actor
}

export type TicketCommand = Open | Comment | Take | SetStatus | Assign | Close | Reopen
