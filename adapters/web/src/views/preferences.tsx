import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Kind, MailChoice } from '../../../../domain/notification/kinds.ts'
import { call, get, type Problem } from '../api.ts'
import { Failed, Loading, useTitle } from '../parts/basics.tsx'
import { words } from '../words.ts'

interface Preferences {
  readonly mail: MailChoice
}

const isKind = (text: string): text is Kind => Object.hasOwn(words.kindTitles, text)

/** Which notifications come by mail too. */
export const PreferencesPage = () => {
  useTitle(words.preferences)
  const chosen = useSignal<Preferences | null>(null)
  const problem = useSignal<Problem | null>(null)
  const isSaved = useSignal(false)
  const load = async (): Promise<void> => {
    const answer = await get<Preferences>('/v1/preferences')
    problem.value = answer.ok ? null : answer.problem
    if (answer.ok) chosen.value = answer.value
  }
  useEffect(() => void load(), [])
  const set = async (kind: Kind, isOn: boolean): Promise<void> => {
    isSaved.value = false
    const answer = await call<Preferences>('PUT', '/v1/preferences', { mail: { ...chosen.value?.mail, [kind]: isOn } })
    problem.value = answer.ok ? null : answer.problem
    if (!answer.ok) return
    chosen.value = answer.value
    isSaved.value = true
  }
  return (
    <>
      <h1>{words.preferences}</h1>
      {problem.value !== null && <Failed problem={problem.value} again={() => void load()} />}
      {chosen.value === null && problem.value === null && <Loading />}
      {chosen.value !== null && (
        <fieldset class="card">
          <legend>{words.preferencesIntro}</legend>
          {Object.entries(chosen.value.mail).map(([kind, isOn]) =>
            isKind(kind) ? (
              <label key={kind} class="choice">
                <input
                  type="checkbox"
                  checked={isOn}
                  onChange={({ currentTarget }) => void set(kind, currentTarget.checked)}
                />
                <span>{words.kindTitles[kind]}</span>
              </label>
            ) : null,
          )}
        </fieldset>
      )}
      <p role="status">{isSaved.value ? words.saved : ''}</p>
    </>
  )
}
