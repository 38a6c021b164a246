import { isBegun, type KeptDraft } from '../draft.ts'
import { isSendable } from '../send-message.ts'
import { words } from '../words.ts'
import { Modal } from './basics.tsx'

/** Asks before a ticket is closed. With a typed message it can be sent first; otherwise it stays for reopening. */
export const ConfirmClose = (props: {
  readonly draft: KeptDraft
  readonly onConfirm: () => void
  readonly onSendAndConfirm: () => void
  readonly onClose: () => void
}) => {
  const hasDraft = isBegun(props.draft)
  return (
    <Modal label={words.closeTitle} class="confirm" onClose={props.onClose}>
      <h2>{words.closeTitle}</h2>
      <p>{words.closeText}</p>
      {hasDraft && <p>{words.closeDraft}</p>}
      <form method="dialog" class="actions">
        <button value="cancel">{words.cancel}</button>
        <button class={hasDraft ? '' : 'primary'} value="close" autoFocus={!hasDraft} onClick={props.onConfirm}>
          {words.closeTicket}
        </button>
        {hasDraft && (
          <button
            class="primary"
            value="send"
            autoFocus
            disabled={!isSendable(props.draft, false)}
            onClick={props.onSendAndConfirm}
          >
            {words.sendAndClose}
          </button>
        )}
      </form>
    </Modal>
  )
}
