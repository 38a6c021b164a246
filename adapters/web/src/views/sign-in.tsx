import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Role } from '../../../../domain/actor.ts'
import { get, type Problem } from '../api.ts'
import { Failed, Loading, useTitle } from '../parts/basics.tsx'
import { sessionProblem, signIn } from '../session.ts'
import { words } from '../words.ts'

interface Choice {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly account: string | null
}

/** One button for each of the demo people. */
export const SignIn = () => {
  useTitle(words.signInTitle)
  const people = useSignal<readonly Choice[] | null>(null)
  const problem = useSignal<Problem | null>(null)
  const ask = async (): Promise<void> => {
    const answer = await get<{ readonly people: readonly Choice[] }>('/v1/session')
    problem.value = answer.ok ? null : answer.problem
    if (answer.ok) people.value = answer.value.people
  }
  useEffect(() => void ask(), [])
  return (
    <main class="sign-in" id="content">
      <h1>{words.product}</h1>
      <h2>{words.signInTitle}</h2>
      <p class="quiet">{words.signInHint}</p>
      {sessionProblem.value !== null && <Failed problem={sessionProblem.value} />}
      {problem.value !== null && <Failed problem={problem.value} again={() => void ask()} />}
      {people.value === null && problem.value === null && <Loading />}
      <ul>
        {people.value?.map(({ id, name, role, account }) => (
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
