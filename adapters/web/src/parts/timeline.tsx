import { eventTexts } from '../../../api/event-texts.ts'
import type { HistoryResponse } from '../../../api/response-schemas.ts'
import { words } from '../words.ts'
import { When } from './basics.tsx'

/** Every event in order; choosing one shows the ticket after it. */
export const Timeline = (props: {
  readonly events: HistoryResponse['items']
  readonly version: number
  readonly onChoose: (version: number) => void
}) => (
  <ol class="timeline">
    {props.events.map((event) => {
      const texts = eventTexts(event.type, event.data)
      return (
        <li key={event.id} class={event.version > props.version ? 'later' : ''}>
          <button
            type="button"
            aria-label={words.versionNumber(event.version)}
            aria-pressed={event.version === props.version}
            onClick={() => props.onChoose(event.version)}
          >
            {event.version}
          </button>
          <div>
            <p>
              <strong>{texts.title}</strong> {event.actor.name ?? event.actor.id}{' '}
              <span class="quiet">{words.roles[event.actor.role]}</span>
              {event.via !== undefined && <span class="quiet"> {words.via(event.via.name ?? event.via.id)}</span>}
            </p>
            <p class="description" dir="auto">
              {texts.detail}
            </p>
            <p class="quiet">
              <When at={event.occurredAt} /> · <code title={event.hash}>{event.hash.slice(0, 12)}</code>
            </p>
          </div>
        </li>
      )
    })}
  </ol>
)
