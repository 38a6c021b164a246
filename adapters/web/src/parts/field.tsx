import { subjectLimit } from '../../../../domain/text.ts'
import { fieldOf, setField, type KeptDraft } from '../draft.ts'
import { TooLong } from './too-long.tsx'

/** A text field whose value the draft keeps under its name. */
export const Field = (props: {
  readonly draft: KeptDraft
  readonly name: string
  readonly text: string
  readonly required?: boolean
}) => (
  <>
    <label>
      <span>{props.text}</span>
      <input
        dir="auto"
        type="text"
        inputMode={props.name === 'email' ? 'email' : 'text'}
        required={props.required ?? true}
        value={fieldOf(props.draft, props.name)}
        onInput={({ currentTarget }) => setField(props.draft, props.name, currentTarget.value)}
      />
    </label>
    {props.name === 'subject' && <TooLong text={fieldOf(props.draft, props.name)} limit={subjectLimit} />}
  </>
)
