import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Kind } from '../../../../domain/notification/kinds.ts'
import { notificationTitles } from '../../../api/notification-titles.ts'
import type { PreferencesResponse } from '../../../api/response-schemas.ts'
import { call, get, post, type Problem } from '../api.ts'
import { Failed, Loading, useTitle } from '../parts/basics.tsx'
import { words } from '../words.ts'

const isKind = (text: string): text is Kind => Object.hasOwn(notificationTitles, text)

/** Ends the person's sessions in other browsers. */
const OtherSessions = () => {
  const problem = useSignal<Problem | null>(null)
  const isDone = useSignal(false)
  const end = async (): Promise<void> => {
    const answer = await post('/v1/session/end-others')
    problem.value = answer.ok ? null : answer.problem
    isDone.value = answer.ok
  }
  return (
    <section class="card">
      <h2>{words.sessions}</h2>
      {problem.value !== null && <Failed problem={problem.value} />}
      <button type="button" onClick={() => void end()}>
        {words.endOthers}
      </button>
      <p role="status">{isDone.value ? words.othersEnded : ''}</p>
    </section>
  )
}

/** Which notifications are sent by mail too. */
export const PreferencesPage = () => {
  useTitle(words.preferences)
  const chosen = useSignal<PreferencesResponse | null>(null)
  const problem = useSignal<Problem | null>(null)
  const isSaved = useSignal(false)
  const load = async (): Promise<void> => {
    const answer = await get<PreferencesResponse>('/v1/preferences')
    problem.value = answer.ok ? null : answer.problem
    if (answer.ok) chosen.value = answer.value
  }
  useEffect(() => void load(), [])
  const set = async (kind: Kind, isOn: boolean): Promise<void> => {
    isSaved.value = false
    const answer = await call<PreferencesResponse>('PUT', '/v1/preferences', {
      mail: { ...chosen.value?.mail, [kind]: isOn },
    })
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
                <span>{notificationTitles[kind]}</span>
              </label>
            ) : null,
          )}
        </fieldset>
      )}
      <p role="status">{isSaved.value ? words.saved : ''}</p>
      <OtherSessions />
    </>
  )
}
