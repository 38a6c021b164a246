import { signal } from '@preact/signals'
import type { ProblemResponse } from '../../api/response-schemas.ts'
import { parsed } from './parsed.ts'
import { words } from './words.ts'

/** Why the server said no, in its own words. Status 0: it could not be asked. */
export interface Problem {
  readonly status: number
  readonly slug: string
  readonly detail: string
}

export type Answer<A> = { readonly ok: true; readonly value: A } | { readonly ok: false; readonly problem: Problem }

/** Rises when the session has ended while the page was open. */
export const signedOut = signal(0)

/** Where the log stood after our last command: queries wait for it, whichever server answers them. */
let position: string | null = null

const offline: Problem = { status: 0, slug: 'offline', detail: words.offline }

/** What a refusal says; the fields that are wrong are named. */
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

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

interface Asked {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Media types that the answer may have. */
  readonly accept?: string
}

/** One request, with whatever text came back. */
const ask = async (
  method: Method,
  path: string,
  { body, headers = {}, accept = json }: Asked,
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
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    text = await response.text()
  } catch {
    return { ok: false, problem: offline }
  }
  if (response.status === 401 && path !== '/v1/me') signedOut.value++
  if (!response.ok) return { ok: false, problem: problemOf(response.status, text) }
  position = response.headers.get('Ledger-Position') ?? position
  return { ok: true, value: text }
}

/** One request. The shape of the answer is the server's contract, which its own tests hold. */
export const call = async <A>(
  method: Method,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<A>> => {
  const answer = await ask(method, path, { body, headers })
  if (!answer.ok) return answer
  try {
    return { ok: true, value: parsed<A>(answer.value) }
  } catch {
    return { ok: false, problem: problemOf(200, '') }
  }
}

/** An answer in another form than JSON. */
export const text = (path: string, accept: string): Promise<Answer<string>> => ask('GET', path, { accept })

export const get = <A>(path: string): Promise<Answer<A>> => call<A>('GET', path)
export const post = <A>(path: string, body: unknown = {}, headers: Readonly<Record<string, string>> = {}) =>
  call<A>('POST', path, body, headers)
