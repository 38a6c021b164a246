import { effect, signal } from '@preact/signals'
import type { NotificationAnswer } from '../../http/answers.ts'
import { get } from './api.ts'
import { parsed } from './parsed.ts'
import { me } from './session.ts'

export interface Counters {
  readonly waiting: number
  readonly unreadTickets: number
  readonly unreadNotifications: number
}

export const counters = signal<Counters>({ waiting: 0, unreadTickets: 0, unreadNotifications: 0 })
/** Whether the server can tell us what is new. */
export const isConnected = signal(true)
/** Rises with every change of any ticket; the last one's id. */
export const changed = signal<{ readonly n: number; readonly id: string | null }>({ n: 0, id: null })
/** The newest notification since the page was opened. */
export const newest = signal<NotificationAnswer | null>(null)

export const refreshCounters = async (): Promise<void> => {
  const answer = await get<Counters>('/v1/counters')
  if (answer.ok) counters.value = answer.value
}

const bump = (id: string | null): void => {
  changed.value = { n: changed.value.n + 1, id }
}

/** Listens while somebody is signed in who is told of anything. The browser comes back by itself with its last place. */
export const listen = (): void => {
  effect(() => {
    const role = me.value?.role
    if (role !== 'customer' && role !== 'support') return undefined
    void refreshCounters()
    const source = new EventSource('/v1/live')
    let wasLost = false
    source.addEventListener('open', () => {
      isConnected.value = true
      // What was missed comes as messages; what the page could not ask for meanwhile it asks for now.
      if (wasLost) bump(null)
      wasLost = false
    })
    source.addEventListener('error', () => {
      isConnected.value = false
      wasLost = true
    })
    source.addEventListener('ticket', ({ data }: MessageEvent<string>) =>
      bump(parsed<{ readonly id: string }>(data).id),
    )
    source.addEventListener('counters', ({ data }: MessageEvent<string>) => {
      counters.value = parsed<Counters>(data)
    })
    source.addEventListener('notification', ({ data }: MessageEvent<string>) => {
      newest.value = parsed<NotificationAnswer>(data)
      bump(null)
    })
    return () => source.close()
  })
}
