import { effect, signal } from '@preact/signals'
import type { CountersResponse, NotificationResponse } from '../../api/response-schemas.ts'
import { get } from './api.ts'
import { parsed } from './parsed.ts'
import { me } from './session.ts'

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
/** The wait before a new connection where the browser does not reconnect by itself, as after a proxy's error, in ms. */
const reconnectMs = 2_000

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

/** One connection after another until stopped. After most losses the browser reconnects itself with the last event id. */
const stayConnected = () => {
  const { add, stop } = debouncedChanges()
  let source: EventSource | null = null
  let timer: ReturnType<typeof setTimeout> | null = null
  let wasLost = false
  const connect = (): void => {
    const own = new EventSource('/v1/live')
    source = own
    own.addEventListener('open', () => {
      isConnected.value = true
      // Missed messages are sent again; what failed to load during the outage is loaded now.
      if (wasLost) {
        void refreshCounters()
        add(null)
      }
      wasLost = false
    })
    own.addEventListener('error', () => {
      isConnected.value = false
      wasLost = true
      if (own.readyState !== EventSource.CLOSED) return
      timer = setTimeout(() => {
        // If the session has ended, this response is a 401.
        void refreshCounters()
        connect()
      }, reconnectMs)
    })
    own.addEventListener('ticket', ({ data }: MessageEvent<string>) => add(parsed<{ readonly id: string }>(data).id))
    own.addEventListener('counters', ({ data }: MessageEvent<string>) => {
      counters.value = parsed<CountersResponse>(data)
    })
    own.addEventListener('notification', ({ data }: MessageEvent<string>) => {
      newest.value = parsed<NotificationResponse>(data)
      add(newest.value.ticket.id)
    })
  }
  connect()
  return (): void => {
    stop()
    if (timer !== null) clearTimeout(timer)
    source?.close()
  }
}

/** Connects while a customer or support is signed in, and clears their state before the next person's. */
export const listen = (): void => {
  effect(() => {
    const role = me.value?.role
    if (role !== 'customer' && role !== 'support') return undefined
    void refreshCounters()
    const end = stayConnected()
    return () => {
      end()
      counters.value = nothing
      newest.value = null
      isConnected.value = true
    }
  })
}
