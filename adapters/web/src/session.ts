import { signal } from '@preact/signals'
import type { Me } from '../../http/answers.ts'
import { call, get, signedOut } from './api.ts'

/** Who is signed in; null for nobody, undefined while that is not known. */
export const me = signal<Me | null | undefined>(undefined)

export const whoAmI = async (): Promise<void> => {
  const answer = await get<Me>('/v1/me')
  me.value = answer.ok ? answer.value : null
}

export const signIn = async (person: string): Promise<void> => {
  const answer = await call<Me>('POST', '/v1/session', { person })
  if (answer.ok) me.value = answer.value
}

export const signOut = async (): Promise<void> => {
  await call('DELETE', '/v1/session')
  me.value = null
}

// Where the session ended, the page stays as it is and asks who is there; drafts lie in the browser's own store.
signedOut.subscribe((n) => {
  if (n > 0) me.value = null
})
