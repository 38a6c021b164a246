import { signal } from '@preact/signals'
import type { Me } from '../../api/response-schemas.ts'
import { call, get, signedOut, type Problem } from './api.ts'

/** Who is signed in; null for nobody, undefined while that is not known. */
export const me = signal<Me | null | undefined>(undefined)
/** Why it could not be asked who is signed in, or why somebody could not sign in or out. */
export const sessionProblem = signal<Problem | null>(null)

/** A server that cannot be asked has not said that nobody is signed in. */
export const whoAmI = async (): Promise<void> => {
  const answer = await get<Me>('/v1/me')
  const isNobody = !answer.ok && answer.problem.status === 401
  sessionProblem.value = answer.ok || isNobody ? null : answer.problem
  if (answer.ok) me.value = answer.value
  else if (isNobody) me.value = null
}

export const signIn = async (person: string): Promise<void> => {
  const answer = await call<Me>('POST', '/v1/session', { person })
  sessionProblem.value = answer.ok ? null : answer.problem
  if (answer.ok) me.value = answer.value
}

/** Somebody whose session could not be ended is still signed in, and is told so. */
export const signOut = async (): Promise<void> => {
  const answer = await call('DELETE', '/v1/session')
  sessionProblem.value = answer.ok ? null : answer.problem
  if (answer.ok) me.value = null
}

// Where the session ended, the page stays as it is and asks who is there; drafts lie in the browser's own store.
signedOut.subscribe((n) => {
  if (n > 0) me.value = null
})
