import { formOf, type Sent } from './fixtures.ts'

/** Calls a running server as one person. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

const parsed = (text: string): Record<string, unknown> => (text === '' ? {} : JSON.parse(text))

/** The ids of a list's items. */
export const idsOf = ({ items }: Readonly<Record<string, unknown>>): unknown[] =>
  Array.isArray(items) ? items.map((item) => item.id) : []

export const clientOf = (url: string, token: string) => {
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const answer: Answer = { status: response.status, headers: response.headers, body: parsed(await response.text()) }
    return answer
  }
  return {
    url,
    token,
    /** The answer as it came, for bytes and headers. */
    fetch: (path: string, headers: Record<string, string> = {}, method = 'GET') =>
      fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${token}`, ...headers } }),
    /** Sends files as a form. */
    upload: async (...files: readonly Sent[]): Promise<Answer> => {
      const response = await fetch(`${url}/v1/files`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: formOf(...files),
      })
      return { status: response.status, headers: response.headers, body: parsed(await response.text()) }
    },
    get: (path: string, headers?: Record<string, string>) => call('GET', path, undefined, headers),
    post: (path: string, body?: unknown, headers?: Record<string, string>) => call('POST', path, body, headers),
  }
}

export type Client = ReturnType<typeof clientOf>
