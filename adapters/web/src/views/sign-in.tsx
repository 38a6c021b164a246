import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Role } from '../../../../domain/actor.ts'
import { get, type Problem } from '../api.ts'
import { Failed, Loading, useTitle } from '../parts/basics.tsx'
import { address } from '../router.ts'
import { isExpired, sessionProblem, signIn } from '../session.ts'
import { words } from '../words.ts'

interface Choice {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly account: string | null
}

interface SignIns {
  readonly provider: boolean
  readonly people: readonly Choice[]
}

/** A link to the provider, which leads back to this page; in demo mode a button for each of the demo people. */
export const SignIn = () => {
  useTitle(words.signInTitle)
  const { path, query } = address.value
  const search = query.size === 0 ? '' : `?${query}`
  const offered = useSignal<SignIns | null>(null)
  const problem = useSignal<Problem | null>(null)
  const ask = async (): Promise<void> => {
    const answer = await get<SignIns>('/v1/session')
    problem.value = answer.ok ? null : answer.problem
    if (answer.ok) offered.value = answer.value
  }
  useEffect(() => void ask(), [])
  return (
    <main class="sign-in" id="content">
      <h1>{words.product}</h1>
      <h2>{words.signInTitle}</h2>
      {isExpired.value && <p role="alert">{words.expired}</p>}
      {sessionProblem.value !== null && <Failed problem={sessionProblem.value} />}
      {problem.value !== null && <Failed problem={problem.value} again={() => void ask()} />}
      {offered.value === null && problem.value === null && <Loading />}
      {offered.value?.provider === true && (
        <p>
          <a class="button" href={`/auth/login?return=${encodeURIComponent(path + search)}`}>
            {words.signIn}
          </a>
        </p>
      )}
      {offered.value?.provider === false && <p class="quiet">{words.signInHint}</p>}
      <ul>
        {offered.value?.people.map(({ id, name, role, account }) => (
          <li key={id}>
            <button type="button" aria-describedby={`who-${id}`} onClick={() => void signIn(id)}>
              {name}
            </button>
            <span class="quiet" id={`who-${id}`}>
              {words.roles[role]}
              {account === null ? '' : ` · ${account}`}
            </span>
          </li>
        ))}
      </ul>
    </main>
  )
}
