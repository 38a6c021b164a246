import { signal } from '@preact/signals'
import type { ReadinessResponse } from '../../api/response-schemas.ts'
import { refusals } from './api.ts'
import { parsed } from './parsed.ts'

/** What the server cannot do for the moment; null while it does everything, and while it cannot be asked. */
export const limitation = signal<ReadinessResponse | null>(null)
/** Incremented when a limitation ends. */
export const recoveries = signal(0)

/** How often a server with a limitation is asked again, in ms. */
const everyMs = 2_000
/** Whether the server had a limitation and has not said since that it is ready; meanwhile it may be unreachable. */
let isAwaited = false
let timer: ReturnType<typeof setTimeout> | null = null

const ask = async (): Promise<ReadinessResponse | null> => {
  try {
    const response = await fetch('/readyz', { headers: { Accept: 'application/json' } })
    return parsed<ReadinessResponse>(await response.text())
  } catch {
    // Another part of the page says that the connection is lost.
    return null
  }
}

/** Asks the server what it can do, and again until it does everything. */
export const askServerState = async (): Promise<void> => {
  if (timer !== null) clearTimeout(timer)
  timer = null
  const answer = await ask()
  limitation.value = answer?.status === 'ready' ? null : answer
  const wasAwaited = isAwaited
  isAwaited = limitation.value !== null || (wasAwaited && answer === null)
  if (isAwaited) timer = setTimeout(() => void askServerState(), everyMs)
  else if (wasAwaited) recoveries.value++
}

// A 503 may concern one request alone: the server itself says what it is.
refusals.subscribe((n) => {
  if (n > 0 && timer === null) void askServerState()
})
