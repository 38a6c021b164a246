import { erased, type RecordedEvent } from '../../domain/event-log/envelope.ts'
import type { Kind } from '../../domain/notification/kinds.ts'
import type { Mail } from '../../domain/mail/mailer.ts'
import { html, lines } from './html.ts'

/** One append to a ticket, and what of it is told. */
export interface Told {
  readonly ticket: string
  /** Null once erased. */
  readonly subject: string | null
  /** At least one, in the order of the contract. */
  readonly kinds: readonly Kind[]
  /** Those of the append. */
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

/** Names as the event recorded them: a mail tells what happened as it happened. */
const actorOf = (events: readonly RecordedEvent[]): string => {
  const personal = events[0]?.personal
  return personal === undefined || personal === erased ? 'Somebody' : personal.actor.name
}

/** What was said in the append: the comment, or the description of a new ticket. */
const wordsOf = (events: readonly RecordedEvent[]): string =>
  events
    .flatMap((event) => {
      if (event.type === 'Opened') return event.personal === erased ? [] : [event.personal.description]
      if (event.type === 'CommentAdded') return event.personal === erased ? [] : [event.personal.body]
      return []
    })
    .join('\n\n')

const filesOf = (events: readonly RecordedEvent[]): readonly string[] =>
  events.flatMap((event) => (event.type === 'FileAttached' && event.personal !== erased ? [event.personal.name] : []))

/** The words of a mail, as text and as HTML, which say the same. */
export const letter = (told: Told): Pick<Mail, 'subject' | 'text' | 'html' | 'preferences'> => {
  const { ticket, events, publicUrl } = told
  const actor = actorOf(events)
  const news = told.kinds.map((kind) => sentences[kind](actor)).join(' ')
  const words = wordsOf(events)
  const files = filesOf(events)
  const link = `${publicUrl}/tickets/${ticket}`
  const preferences = `${publicUrl}/preferences`
  const title = told.subject ?? 'a ticket'
  const text = [
    news,
    `${ticket}: ${title}`,
    ...(words === '' ? [] : [words]),
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
        <p><strong>${news}</strong></p>
        <p>${ticket}: ${title}</p>
        ${words === '' ? [] : [html`<blockquote style="margin: 0; padding-left: 1em; border-left: 3px solid #ccc">${lines(words)}</blockquote>`]}
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
