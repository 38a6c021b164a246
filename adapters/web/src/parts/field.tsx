import { subjectLimit } from '../../../../domain/text.ts'
import { fieldOf, setField, type KeptDraft } from '../draft.ts'

/** A text field whose value the draft keeps under its name. */
export const Field = (props: {
  readonly draft: KeptDraft
  readonly name: string
  readonly text: string
  readonly required?: boolean
}) => (
  <label>
    <span>{props.text}</span>
    <input
      type="text"
      inputMode={props.name === 'email' ? 'email' : 'text'}
      maxLength={subjectLimit}
      required={props.required ?? true}
      value={fieldOf(props.draft, props.name)}
      onInput={({ currentTarget }) => setField(props.draft, props.name, currentTarget.value)}
    />
  </label>
)
