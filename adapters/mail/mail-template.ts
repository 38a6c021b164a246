import { erased, type Erased, type RecordedEvent } from '../../domain/event-log/envelope.ts'
import type { TicketId } from '../../domain/ids.ts'
import type { Mail } from '../../domain/mail/mailer.ts'
import type { Kind } from '../../domain/notification/kinds.ts'
import { isTicketEvent, type TicketEvent } from '../../domain/ticket/events.ts'
import { html, lines } from './html.ts'

/** What one mail is about: the events of one append to a ticket, and why the recipient gets it. */
export interface MailContent {
  readonly ticket: TicketId
  /** Null once erased. */
  readonly subject: string | null
  /** At least one, in the order of `kinds`. */
  readonly kinds: readonly Kind[]
  /** The events of the append. */
  readonly events: readonly RecordedEvent[]
  /** Without a slash at the end. */
  readonly publicUrl: string
}

const sentences: Readonly<Record<Kind, (actor: string) => string>> = {
  closed_by_support: (actor) => `${actor} closed the ticket.`,
  opened_for_you: (actor) => `${actor} opened a ticket for you.`,
  waiting_for_customer: (actor) => `${actor} is waiting for your answer.`,
  support_commented: (actor) => `${actor} commented.`,
  reopened: (actor) => `${actor} reopened the ticket.`,
  assigned_to_you: (actor) => `${actor} gave the ticket to you.`,
  customer_commented: (actor) => `${actor} commented.`,
  new_ticket: (actor) => `${actor} opened a ticket.`,
}

/** The name as the event recorded it: a mail keeps to the time of its events. */
const actorOf = (events: readonly RecordedEvent[]): string => {
  const personal = events[0]?.personal
  return personal === undefined || personal === erased ? 'Somebody' : personal.actor.name
}

/** What a mail quotes of an event: a message, or the name of a file. */
interface Quotation {
  readonly message?: string
  readonly file?: string
}

type PersonalOf<T> = Extract<TicketEvent, { readonly type: T }>['personal']

/** What a mail quotes of the personal part of each event; nothing of the others. */
export const quotations: { readonly [T in TicketEvent['type']]?: (personal: PersonalOf<T>) => Quotation } = {
  Opened: ({ description }) => ({ message: description }),
  CommentAdded: ({ body }) => ({ message: body }),
  FileAttached: ({ name }) => ({ file: name }),
}

const quotationOf = <T extends TicketEvent['type']>(event: {
  readonly type: T
  readonly personal: PersonalOf<T> | Erased
}): Quotation => (event.personal === erased ? {} : (quotations[event.type]?.(event.personal) ?? {}))

/** The subject of a mail, and its text and HTML, which have the same content. */
export const mailTemplate = (content: MailContent): Pick<Mail, 'subject' | 'text' | 'html' | 'preferences'> => {
  const { ticket, events, publicUrl } = content
  const actor = actorOf(events)
  const summary = content.kinds.map((kind) => sentences[kind](actor)).join(' ')
  const quotations = events.filter(isTicketEvent).map((event) => quotationOf(event))
  const message = quotations.flatMap((quotation) => quotation.message ?? []).join('\n\n')
  const files = quotations.flatMap((quotation) => quotation.file ?? [])
  const link = `${publicUrl}/tickets/${ticket}`
  const preferences = `${publicUrl}/preferences`
  const title = content.subject ?? 'a ticket'
  const text = [
    summary,
    `${ticket}: ${title}`,
    ...(message === '' ? [] : [message]),
    ...(files.length === 0 ? [] : [`Attached: ${files.join(', ')}`]),
    `Read and answer it at ${link}`,
    `-- \nNobody reads answers to this mail. Which mails you get is yours to choose: ${preferences}`,
  ].join('\n\n')
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${title}</title>
      </head>
      <body style="font-family: sans-serif; line-height: 1.5; max-width: 40em">
        <p><strong>${summary}</strong></p>
        <p>${ticket}: ${title}</p>
        ${message === '' ? [] : [html`<blockquote style="margin: 0; padding-left: 1em; border-left: 3px solid #ccc">${lines(message)}</blockquote>`]}
        ${files.length === 0 ? [] : [html`<p>Attached: ${files.join(', ')}</p>`]}
        <p><a href="${link}">Read and answer it</a></p>
        <p style="color: #666">
          <small
            >Nobody reads answers to this mail. <a href="${preferences}">Which mails you get</a> is yours to
            choose.</small
          >
        </p>
      </body>
    </html> `
  return { subject: `[${ticket}] ${title}`, text: `${text}\n`, html: page.html, preferences }
}
