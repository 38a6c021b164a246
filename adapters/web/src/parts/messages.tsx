import type { Attachment, PersonResponse, TicketResponse } from '../../../api/response-schemas.ts'
import { me } from '../session.ts'
import { words } from '../words.ts'
import { Attachments } from './attachments.tsx'
import { personName, When } from './basics.tsx'
import { Linked } from './linked.tsx'

const Message = (props: {
  readonly author: PersonResponse
  readonly at: string
  readonly body: string | null
  readonly files: readonly Attachment[]
  readonly all: readonly Attachment[]
}) => (
  <article class={props.author.id === me.value?.id ? 'message own' : 'message'}>
    <header>
      <h2 dir="auto">{personName(props.author)}</h2>
      <When at={props.at} />
    </header>
    {props.body !== '' && (
      <p class="body" dir="auto">
        <Linked text={props.body ?? words.erased} />
      </p>
    )}
    <Attachments files={props.files} all={props.all} />
  </article>
)

/** The request and its comments, each with its files. */
export const Messages = ({ ticket }: { readonly ticket: TicketResponse }) => (
  <>
    <section aria-label={words.request}>
      <Message
        author={ticket.author}
        at={ticket.createdAt}
        body={ticket.description}
        files={ticket.attachments.filter(({ commentId }) => commentId === null)}
        all={ticket.attachments}
      />
    </section>
    <section aria-label={words.comments}>
      {ticket.comments.map((comment) => (
        <Message
          key={comment.id}
          author={comment.author}
          at={comment.createdAt}
          body={comment.body}
          files={comment.attachments}
          all={ticket.attachments}
        />
      ))}
    </section>
  </>
)
