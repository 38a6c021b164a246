import { signal } from '@preact/signals'
import type { Me } from '../../api/response-schemas.ts'
import { call, get, signedOut, type Problem } from './api.ts'

/** The signed-in person; null for nobody, undefined until the server has answered. */
export const me = signal<Me | null | undefined>(undefined)
/** Why the last request about the session failed. */
export const sessionProblem = signal<Problem | null>(null)

/** Only a 401 means that nobody is signed in; an unreachable server leaves `me` as it is. */
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

/** A person whose session could not be ended is still signed in, and sees the problem. */
export const signOut = async (): Promise<void> => {
  const answer = await call<{ readonly next: string | null }>('POST', '/auth/logout', {})
  sessionProblem.value = answer.ok ? null : answer.problem
  if (!answer.ok) return
  me.value = null
  // The provider's own session ends at the provider, which leads back.
  if (answer.value.next !== null) location.assign(answer.value.next)
}

// After the end of a session the page shows the sign-in; drafts stay in localStorage.
signedOut.subscribe((n) => {
  if (n > 0) me.value = null
})
