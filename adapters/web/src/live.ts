import { effect, signal } from '@preact/signals'
import type { CountersResponse, NotificationResponse } from '../../api/response-schemas.ts'
import { get } from './api.ts'
import { parsed } from './parsed.ts'
import { me } from './session.ts'
import { shareLive, type LiveMessage } from './shared-live.ts'

const nothing: CountersResponse = { waiting: 0, unreadTickets: 0, unreadNotifications: 0 }
export const counters = signal<CountersResponse>(nothing)
/** Whether the live connection is open. */
export const isConnected = signal(true)
/** Incremented with every change; `id` is the ticket that changed, null where several did. */
export const changed = signal<{ readonly n: number; readonly id: string | null }>({ n: 0, id: null })
/** The newest notification since the page was opened. */
export const newest = signal<NotificationResponse | null>(null)

export const refreshCounters = async (): Promise<void> => {
  const person = me.value?.id
  const answer = await get<CountersResponse>('/v1/counters')
  if (answer.ok && me.value?.id === person) counters.value = answer.value
}

/** Changes within this time are one, so that many tickets at once do not reload the list for each; in ms. */
const debounceMs = 250

const debouncedChanges = () => {
  let timer: ReturnType<typeof setTimeout> | null = null
  let ids = new Set<string | null>()
  const publish = (): void => {
    const [id = null] = ids
    changed.value = { n: changed.value.n + 1, id: ids.size === 1 ? id : null }
    ids = new Set()
  }
  return {
    /** Publishes the first change at once, and those that follow together. */
    add: (id: string | null): void => {
      ids.add(id)
      if (timer !== null) return
      publish()
      timer = setTimeout(() => {
        timer = null
        if (ids.size > 0) publish()
      }, debounceMs)
    },
    stop: (): void => {
      if (timer !== null) clearTimeout(timer)
    },
  }
}

const receive = (message: LiveMessage, add: (id: string | null) => void): void => {
  switch (message.kind) {
    case 'opened':
      isConnected.value = true
      if (!message.isAfterGap) return
      // Missed messages are sent again; what failed to load during the outage is loaded now.
      void refreshCounters()
      return add(null)
    case 'lost':
      isConnected.value = false
      return
    case 'refused':
      // If the session has ended, this response is a 401.
      void refreshCounters()
      return
    case 'ticket':
      return add(parsed<{ readonly id: string }>(message.data).id)
    case 'counters':
      counters.value = parsed<CountersResponse>(message.data)
      return
    case 'notification':
      newest.value = parsed<NotificationResponse>(message.data)
      return add(newest.value.ticket.id)
  }
}

/** Connects while a customer or support is signed in, and clears their state before the next person's. */
export const listen = (): void => {
  effect(() => {
    const role = me.value?.role
    if (role !== 'customer' && role !== 'support') return undefined
    void refreshCounters()
    const { add, stop } = debouncedChanges()
    const end = shareLive(me.value?.id ?? '', (message) => receive(message, add))
    return () => {
      end()
      stop()
      counters.value = nothing
      newest.value = null
      isConnected.value = true
    }
  })
}
