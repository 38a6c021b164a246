import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { PersonResponse } from '../../../api/response-schemas.ts'
import type { Status } from '../../../../domain/ticket/status.ts'
import type { Problem } from '../api.ts'
import { exactTime, shortTime } from '../format.ts'
import { counters } from '../live.ts'
import { words } from '../words.ts'

export const When = ({ at }: { readonly at: string }) => (
  <time dateTime={at} title={exactTime(at)}>
    {shortTime(at)}
  </time>
)

export const StatusMark = ({ status }: { readonly status: Status }) => (
  <span class={`status ${status}`}>{words.statuses[status]}</span>
)

export const personName = (person: PersonResponse | null): string =>
  person === null ? words.nobody : (person.name ?? words.erased)

export const Failed = ({ problem, again }: { readonly problem: Problem; readonly again?: () => void }) => (
  <div class="failed" role="alert">
    <p>{problem.detail}</p>
    {again !== undefined && (
      <button type="button" onClick={again}>
        {words.tryAgain}
      </button>
    )}
  </div>
)

export const Loading = () => (
  <p class="quiet" role="status">
    {words.loading}
  </p>
)

/** A modal `<dialog>`: it traps the focus, gives it back, and closes by Escape. */
export const Modal = (props: {
  readonly label: string
  readonly class?: string
  readonly onClose: () => void
  readonly onKeyDown?: (event: KeyboardEvent) => void
  readonly children: ComponentChildren
}) => {
  const dialog = useRef<HTMLDialogElement>(null)
  const isOver = useRef(false)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  // The browser's close event comes later, when the next dialog may be open already.
  const end = (event: Event): void => {
    event.preventDefault()
    if (isOver.current) return
    isOver.current = true
    dialog.current?.close()
    props.onClose()
  }
  return (
    <dialog
      ref={dialog}
      class={props.class ?? ''}
      aria-label={props.label}
      onCancel={end}
      onSubmit={end}
      onClose={end}
      onKeyDown={props.onKeyDown ?? (() => undefined)}
    >
      {props.children}
    </dialog>
  )
}

/** Sets the document's title, which a screen reader reads first on a new page, with the number of tickets that wait. */
export const useTitle = (title: string): void => {
  const { waiting } = counters.value
  // A layout effect, so that the title is set before the page is announced.
  useLayoutEffect(() => {
    document.title = `${waiting > 0 ? `(${waiting}) ` : ''}${title} · ${words.product}`
  }, [title, waiting])
}
