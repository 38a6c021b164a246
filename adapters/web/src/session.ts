import { signal } from '@preact/signals'
import type { Me } from '../../api/response-schemas.ts'
import { call, get, signedOut, type Problem } from './api.ts'
import { openChannel } from './channel.ts'
import { removeDrafts } from './draft.ts'
import { endUploads } from './uploads.ts'

/** The signed-in person; null for nobody, undefined until the server has answered. */
export const me = signal<Me | null | undefined>(undefined)
/** Why the last request about the session failed. */
export const sessionProblem = signal<Problem | null>(null)

/** Whether the session ended by itself, and not by signing out. */
export const isExpired = signal(false)

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
  if (!answer.ok) return
  isExpired.value = false
  me.value = answer.value
}

/** After signing out, nothing that the person wrote stays in the browser. */
const leave = (person: string): void => {
  endUploads()
  removeDrafts(person)
  isExpired.value = false
  me.value = null
}
/** Brings the ids of those who sign out in other tabs of this browser. */
const signOuts = openChannel<string>('sign-out', (person) => {
  if (me.value?.id === person) leave(person)
})

/** A person whose session could not be ended is still signed in, and sees the problem. */
export const signOut = async (): Promise<void> => {
  const person = me.value?.id
  const answer = await call<{ readonly next: string | null }>('POST', '/auth/logout', {})
  sessionProblem.value = answer.ok ? null : answer.problem
  if (!answer.ok || person === undefined) return
  leave(person)
  signOuts.send(person)
  // The provider's own session ends at the provider, which leads back.
  if (answer.value.next !== null) location.assign(answer.value.next)
}

// After the end of a session the page shows the sign-in and says why; drafts stay in localStorage.
signedOut.subscribe((n) => {
  if (n === 0) return
  if (me.peek()) isExpired.value = true
  me.value = null
})
