import { effect, signal } from '@preact/signals'
import type { CountersResponse, NotificationResponse } from '../../api/response-schemas.ts'
import { get } from './api.ts'
import { parsed } from './parsed.ts'
import { me } from './session.ts'

const nothing: CountersResponse = { waiting: 0, unreadTickets: 0, unreadNotifications: 0 }
export const counters = signal<CountersResponse>(nothing)
/** Whether the server can tell us what is new. */
export const isConnected = signal(true)
/** Rises with every change; the id is that of the one ticket that changed, or null where there are several. */
export const changed = signal<{ readonly n: number; readonly id: string | null }>({ n: 0, id: null })
/** The newest notification since the page was opened. */
export const newest = signal<NotificationResponse | null>(null)

export const refreshCounters = async (): Promise<void> => {
  const person = me.value?.id
  const answer = await get<CountersResponse>('/v1/counters')
  if (answer.ok && me.value?.id === person) counters.value = answer.value
}

/** Changes that come closer together than this are told as one: a busy desk must not ask for its list with each. */
const calmMs = 250
/** After a connection that the browser gives up by itself, such as one that a proxy answered, we ask again. */
const againMs = 2_000

const tellTogether = () => {
  let timer: ReturnType<typeof setTimeout> | null = null
  let ids = new Set<string | null>()
  const tell = (): void => {
    const [id = null] = ids
    changed.value = { n: changed.value.n + 1, id: ids.size === 1 ? id : null }
    ids = new Set()
  }
  return {
    /** The first at once, what follows closely together. */
    bump: (id: string | null): void => {
      ids.add(id)
      if (timer !== null) return
      tell()
      timer = setTimeout(() => {
        timer = null
        if (ids.size > 0) tell()
      }, calmMs)
    },
    stop: (): void => {
      if (timer !== null) clearTimeout(timer)
    },
  }
}

/** One connection after another until `stop`; the browser itself comes back after most losses, with its last place. */
const keepListening = () => {
  const { bump, stop } = tellTogether()
  let source: EventSource | null = null
  let timer: ReturnType<typeof setTimeout> | null = null
  let wasLost = false
  const connect = (): void => {
    const own = new EventSource('/v1/live')
    source = own
    own.addEventListener('open', () => {
      isConnected.value = true
      // What was missed comes as messages; what the page could not ask for meanwhile it asks for now.
      if (wasLost) {
        void refreshCounters()
        bump(null)
      }
      wasLost = false
    })
    own.addEventListener('error', () => {
      isConnected.value = false
      wasLost = true
      if (own.readyState !== EventSource.CLOSED) return
      timer = setTimeout(() => {
        // Where it was the session that ended, this answer says so.
        void refreshCounters()
        connect()
      }, againMs)
    })
    own.addEventListener('ticket', ({ data }: MessageEvent<string>) => bump(parsed<{ readonly id: string }>(data).id))
    own.addEventListener('counters', ({ data }: MessageEvent<string>) => {
      counters.value = parsed<CountersResponse>(data)
    })
    own.addEventListener('notification', ({ data }: MessageEvent<string>) => {
      newest.value = parsed<NotificationResponse>(data)
      bump(newest.value.ticket.id)
    })
  }
  connect()
  return (): void => {
    stop()
    if (timer !== null) clearTimeout(timer)
    source?.close()
  }
}

/** Listens while somebody is signed in who is told of anything, and forgets what one was told before the next comes. */
export const listen = (): void => {
  effect(() => {
    const role = me.value?.role
    if (role !== 'customer' && role !== 'support') return undefined
    void refreshCounters()
    const end = keepListening()
    return () => {
      end()
      counters.value = nothing
      newest.value = null
      isConnected.value = true
    }
  })
}
