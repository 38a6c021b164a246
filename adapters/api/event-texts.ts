import type { TicketEvent } from '../../domain/ticket/events.ts'
import type { Status } from '../../domain/ticket/status.ts'

/** The events of a ticket as people read them, in the history of the web client and in that of the command line. */

/** Stands for a text that was erased. */
export const erasedText = '(erased)'

export const statusTitles: Readonly<Record<Status, string>> = {
  open: 'Open',
  in_progress: 'In progress',
  waiting_for_customer: 'Waiting for customer',
  closed: 'Closed',
}

/** A text or number of an event's data in the history's JSON, by its path; undefined where it is missing or erased. */
type Field = (...path: readonly string[]) => string | undefined

interface EventTexts {
  /** The heading of the event in the web client. */
  readonly title: string
  /** What stands below the heading; nothing where the heading says all. */
  readonly detail?: (field: Field) => string
  /** What the actor did, after the actor's name in a line of the command line. */
  readonly line: (field: Field) => string
}

const textOf = (field: Field, name: string): string => field(name) ?? erasedText

const titleOf = (field: Field, name: string): string => {
  const titles: Readonly<Record<string, string>> = statusTitles
  return titles[textOf(field, name)] ?? textOf(field, name)
}

const assignedTo = (field: Field): string => `assigned to ${field('assignee', 'name') ?? erasedText}`

const withAssignee = (field: Field, moved: string): string =>
  field('assignee', 'name') === undefined ? moved : `${moved}, ${assignedTo(field)}`

/** A new type of event does not compile until it has its texts. */
const texts: { readonly [T in TicketEvent['type']]: EventTexts } = {
  Opened: {
    title: 'Opened',
    detail: (field) => textOf(field, 'subject'),
    line: (field) => `opened "${textOf(field, 'subject')}" in ${field('category', 'name')}`,
  },
  CommentAdded: {
    title: 'Commented',
    detail: (field) => textOf(field, 'body'),
    line: (field) => `commented: ${textOf(field, 'body')}`,
  },
  FileAttached: {
    title: 'Attached a file',
    detail: (field) => textOf(field, 'name'),
    line: (field) => `attached ${textOf(field, 'name')} (${field('size')} bytes)`,
  },
  StatusChanged: {
    title: 'Changed the status',
    detail: (field) => withAssignee(field, `${titleOf(field, 'from')} → ${titleOf(field, 'to')}`),
    line: (field) => withAssignee(field, `moved it from ${field('from')} to ${field('to')}`),
  },
  Assigned: {
    title: 'Assigned',
    detail: assignedTo,
    line: (field) => `assigned it to ${field('assignee', 'name') ?? field('assignee', 'id')}`,
  },
  Closed: { title: 'Closed', line: () => 'closed it' },
  Reopened: { title: 'Reopened', line: () => 'reopened it' },
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

const fieldOf =
  (data: unknown): Field =>
  (...path) => {
    let value = data
    for (const name of path) value = isRecord(value) ? value[name] : undefined
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
  }

/** The texts of an event with this data; the type alone where a server knows more types than its reader. */
export const eventTexts = (type: string, data: unknown): { title: string; detail: string; line: string } => {
  const known: Readonly<Record<string, EventTexts>> = texts
  const own = Object.hasOwn(known, type) ? known[type] : undefined
  const field = fieldOf(data)
  return { title: own?.title ?? type, detail: own?.detail?.(field) ?? '', line: own?.line(field) ?? type }
}
