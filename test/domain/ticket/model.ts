import type { TicketCommand } from '../../../domain/ticket/commands/registry.ts'

/**
 * A second implementation of the ticket's decisions, independent of the decider: one object that is changed in place and
 * describes in a few words what it did. The property test compares the two.
 */
export class NaiveTicket {
  exists = false
  closed = false
  waiting = false
  working = false
  assignee = ''
  account = ''

  get status(): string {
    if (!this.exists) return 'none'
    if (this.closed) return 'closed'
    if (this.waiting) return 'waiting_for_customer'
    return this.working ? 'in_progress' : 'open'
  }

  /** Moves to a status; answers the words for it. */
  private move(to: string, why: string, newAssignee = ''): string {
    const from = this.status
    this.waiting = to === 'waiting_for_customer'
    this.working = to === 'in_progress'
    if (newAssignee !== '') this.assignee = newAssignee
    return `StatusChanged ${from} ${to} ${why}${newAssignee === '' ? '' : ` ${newAssignee}`}`
  }

  private message(words: string[], body: string, files: readonly { readonly id: string }[]): void {
    words.push(`CommentAdded ${body}`)
    for (const file of files) words.push(`FileAttached ${file.id}`)
  }

  /** Moves it to the status that an agent names; an unassigned ticket becomes the agent's. */
  private bring(words: string[], to: string, agent: string): void {
    if (this.status === to) return
    if (to === 'closed') {
      this.closed = true
      words.push('Closed')
      return
    }
    const newAssignee = this.assignee === '' ? agent : ''
    if (to === 'waiting_for_customer') words.push(this.move(to, 'asked', newAssignee))
    else words.push(this.move(to, this.waiting ? 'resumed' : 'taken', newAssignee))
  }

  /** What happened, in words, or `no: ` and the refusal. */
  do(command: TicketCommand): string[] {
    const words: string[] = []
    const me = command.actor.id
    const isAgent = command.actor.role === 'support'

    if (command.type === 'open') {
      if (this.exists) return words
      if (isAgent && command.requester === undefined) return ['no: Forbidden']
      this.exists = true
      const author = command.requester ?? command.actor
      if ('account' in author) this.account = author.account
      words.push(`Opened ${author.id} ${this.account} ${command.subject}`)
      for (const file of command.attachments) words.push(`FileAttached ${file.id}`)
      if (isAgent) words.push(this.move('waiting_for_customer', 'opened_for_customer', me))
      return words
    }

    if (!this.exists) return ['no: NotFound']
    if (command.type === 'reopen' && !this.closed) return ['no: TicketNotClosed']
    if (this.closed && command.type !== 'reopen' && command.type !== 'close') return ['no: TicketClosed']

    if (command.type === 'comment') {
      this.message(words, command.body, command.attachments)
      if (command.thenStatus !== undefined) this.bring(words, command.thenStatus, me)
      else if (isAgent && this.status === 'open') this.bring(words, 'in_progress', me)
      else if (!isAgent && this.waiting) {
        words.push(this.move(this.assignee === '' ? 'open' : 'in_progress', 'customer_replied'))
      }
    }
    if (command.type === 'take') {
      if (!this.working) words.push(this.move('in_progress', 'taken', me))
      else if (this.assignee !== me) words.push(`Assigned ${(this.assignee = me)}`)
    }
    if (command.type === 'status') this.bring(words, command.status, me)
    if (command.type === 'assign' && this.assignee !== command.assignee.id) {
      words.push(`Assigned ${(this.assignee = command.assignee.id)}`)
    }
    if (command.type === 'close') this.bring(words, 'closed', me)
    if (command.type === 'reopen') {
      this.closed = this.waiting = this.working = false
      words.push('Reopened')
      this.message(words, command.body, command.attachments)
    }
    return words
  }
}
