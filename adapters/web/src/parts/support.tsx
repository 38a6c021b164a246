import { useSignal } from '@preact/signals'
import type { TicketResponse } from '../../../api/response-schemas.ts'
import { get } from '../api.ts'
import { words } from '../words.ts'
import { Modal } from './basics.tsx'

interface Colleague {
  readonly id: string
  readonly name: string
  readonly email: string
}

const Assign = (props: {
  readonly ticket: TicketResponse
  readonly team: readonly Colleague[]
  readonly onAssign: (assignee: Colleague) => void
  readonly onClose: () => void
}) => {
  const chosen = useSignal(props.ticket.assignee?.id ?? props.team[0]?.id ?? '')
  const assign = (): void => {
    const assignee = props.team.find(({ id }) => id === chosen.value)
    if (assignee !== undefined) props.onAssign(assignee)
  }
  return (
    <Modal label={words.assign} class="confirm" onClose={props.onClose}>
      <form method="dialog">
        <label>
          <span>{words.assignTo}</span>
          <select value={chosen.value} onChange={({ currentTarget }) => (chosen.value = currentTarget.value)}>
            {props.team.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <div class="actions">
          <button value="cancel">{words.cancel}</button>
          <button class="primary" value="assign" onClick={assign}>
            {words.assign}
          </button>
        </div>
      </form>
    </Modal>
  )
}

/** The commands of support on an active ticket: take, ask, assign. */
export const Support = (props: {
  readonly ticket: TicketResponse
  readonly act: (what: string, body?: unknown) => Promise<void>
  /** Whether a command is under way. */
  readonly isBusy: boolean
}) => {
  const team = useSignal<readonly Colleague[] | null>(null)
  const open = async (): Promise<void> => {
    const answer = await get<{ readonly items: readonly Colleague[] }>('/v1/team')
    if (answer.ok) team.value = answer.value.items
  }
  return (
    <div class="actions support">
      <button type="button" disabled={props.isBusy} onClick={() => void props.act('take')}>
        {words.take}
      </button>
      <button
        type="button"
        disabled={props.isBusy}
        onClick={() => void props.act('status', { status: 'waiting_for_customer' })}
      >
        {words.ask}
      </button>
      <button type="button" disabled={props.isBusy} onClick={() => void open()}>
        {words.assign}
      </button>
      {team.value !== null && (
        <Assign
          ticket={props.ticket}
          team={team.value}
          onAssign={(assignee) => void props.act('assign', { assignee })}
          onClose={() => (team.value = null)}
        />
      )}
    </div>
  )
}
