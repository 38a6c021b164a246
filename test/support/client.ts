import { formOf, type Sent } from './fixtures.ts'

/** A response whose body is JSON, or empty. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

const parsed = (text: string): Record<string, unknown> => (text === '' ? {} : JSON.parse(text))

/** The ids of the items of a list response. */
export const idsOf = ({ items }: Readonly<Record<string, unknown>>): unknown[] =>
  Array.isArray(items) ? items.map((item) => item.id) : []

/** A client of a running server that sends one person's token. */
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
    /** The response unparsed, for its bytes and headers. */
    fetch: (path: string, headers: Record<string, string> = {}, method = 'GET') =>
      fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${token}`, ...headers } }),
    /** Uploads files as one multipart form. */
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
