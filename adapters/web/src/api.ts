import { signal } from '@preact/signals'
import type { ProblemResponse } from '../../api/response-schemas.ts'
import { parsed } from './parsed.ts'
import { words } from './words.ts'

/** A refusal of the server. Status 0: the server could not be reached. */
export interface Problem {
  readonly status: number
  readonly slug: string
  readonly detail: string
}

export type Answer<A> = { readonly ok: true; readonly value: A } | { readonly ok: false; readonly problem: Problem }

/** Incremented when a response says that the session has ended. */
export const signedOut = signal(0)
/** Incremented when a response says that the server cannot do something for the moment (503). */
export const refusals = signal(0)

/** Notes what a response's status says of the session and of the server. */
export const noteStatus = (status: number): void => {
  if (status === 401) signedOut.value++
  if (status === 503) refusals.value++
}

/** The log's position after the last command. Queries wait for it, whichever server of a cluster answers them. */
let position: string | null = null

const offline: Problem = { status: 0, slug: 'offline', detail: words.offline }

/** The problem of a response, with the names of invalid fields in its detail. */
export const problemOf = (status: number, text: string): Problem => {
  try {
    const { type, detail, errors } = parsed<ProblemResponse>(text)
    const fields = Array.isArray(errors) ? errors.map(({ path, message }) => `${path} ${message}`).join('; ') : ''
    return {
      status,
      slug: type.replace('/problems/', ''),
      detail: fields === '' ? detail : `${detail} (${fields})`,
    }
  } catch {
    return { status, slug: 'unreadable', detail: words.unreadable }
  }
}

const json = 'application/json'

/** After so long without a touch of the page its requests are its own, and do not keep the session from ending, in ms. */
const idleMs = 60_000
let touchedAt = Date.now()
for (const name of ['keydown', 'pointerdown', 'wheel', 'touchstart', 'focus']) {
  addEventListener(name, () => (touchedAt = Date.now()), { passive: true, capture: true })
}
const isIdle = (): boolean => Date.now() - touchedAt > idleMs

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

interface RequestOptions {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** The accepted media type of a success. */
  readonly accept?: string
}

/** Sends one request and returns the text of a success. */
const send = async (
  method: Method,
  path: string,
  { body, headers = {}, accept = json }: RequestOptions,
): Promise<Answer<string>> => {
  let response: Response
  let text: string
  try {
    response = await fetch(path, {
      method,
      headers: {
        Accept: `${accept}, application/problem+json`,
        ...(body === undefined ? {} : { 'Content-Type': json }),
        ...(method === 'GET' && position !== null ? { 'Ledger-Position': position } : {}),
        ...(isIdle() ? { 'User-Idle': '?1' } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    text = await response.text()
  } catch {
    return { ok: false, problem: offline }
  }
  if (response.status !== 401 || path !== '/v1/me') noteStatus(response.status)
  if (!response.ok) return { ok: false, problem: problemOf(response.status, text) }
  position = response.headers.get('Ledger-Position') ?? position
  return { ok: true, value: text }
}

/** Sends one request and parses the JSON of a success. */
export const call = async <A>(
  method: Method,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<A>> => {
  const answer = await send(method, path, { body, headers })
  if (!answer.ok) return answer
  try {
    return { ok: true, value: parsed<A>(answer.value) }
  } catch {
    return { ok: false, problem: problemOf(200, '') }
  }
}

/** The text of a response that is not JSON. */
export const text = (path: string, accept: string): Promise<Answer<string>> => send('GET', path, { accept })

export const get = <A>(path: string): Promise<Answer<A>> => call<A>('GET', path)
export const post = <A>(path: string, body: unknown = {}, headers: Readonly<Record<string, string>> = {}) =>
  call<A>('POST', path, body, headers)
