import type { TicketResponse } from '../../../api/response-schemas.ts'
import { categoryName } from '../categories.ts'
import { me } from '../session.ts'
import { words } from '../words.ts'
import { Icon } from './icon.tsx'
import { personName, When } from './basics.tsx'

/** The additional information panel. */
export const Information = ({ ticket, onClose }: { readonly ticket: TicketResponse; readonly onClose: () => void }) => (
  <aside class="card information" aria-label={words.additional}>
    <button type="button" class="icon close" aria-label={words.closeAdditional} onClick={onClose}>
      <Icon name="cross" />
    </button>
    <dl>
      <div>
        <dt>{words.category}</dt>
        <dd>{categoryName(ticket.category)}</dd>
      </div>
      <div>
        <dt>{words.author}</dt>
        <dd>{personName(ticket.author)}</dd>
      </div>
      <div>
        <dt>{words.assignee}</dt>
        <dd>{personName(ticket.assignee)}</dd>
      </div>
      <div>
        <dt>{words.created}</dt>
        <dd>
          <When at={ticket.createdAt} />
        </dd>
      </div>
      <div>
        <dt>{words.lastUpdate}</dt>
        <dd>
          <When at={ticket.updatedAt} />
        </dd>
      </div>
      {me.value?.account === null && (
        <div>
          <dt>{words.account}</dt>
          <dd>{ticket.account}</dd>
        </div>
      )}
      {ticket.source !== null && (
        <div>
          <dt>{words.source}</dt>
          <dd>{ticket.source}</dd>
        </div>
      )}
    </dl>
    <a href={`/tickets/${ticket.id}/history`}>{words.history}</a>
  </aside>
)
