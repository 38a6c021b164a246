import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ProblemAnswer } from './response-schemas.ts'
import { abandon } from './slow-body-guard.ts'
import { problemKinds, problemOf, type Refused } from './problems.ts'
import type { Reply, Streamed } from './route.ts'

const send = (response: ServerResponse, status: number, reply: Reply): void => {
  // Whoever is still sending has nothing more to say that changes this answer.
  if (!response.req.complete) abandon(response.req)
  response.statusCode = status
  response.setHeader('Cache-Control', 'no-store')
  response.setHeader('Content-Type', reply.mediaType)
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value)
  response.setHeader('Content-Length', Buffer.byteLength(reply.content))
  response.end(response.req.method === 'HEAD' ? undefined : reply.content)
}

/** Begins an answer that its route goes on with. */
const begin = (response: ServerResponse, { mediaType, headers, stream }: Streamed): void => {
  response.writeHead(200, { 'Cache-Control': 'no-store', 'Content-Type': mediaType, ...headers })
  if (response.req.method === 'HEAD') response.end()
  else stream(response)
}

export const sendReply = (response: ServerResponse, status: number, reply: Reply | Streamed): void =>
  'stream' in reply ? begin(response, reply) : send(response, status, reply)

/** The path as it was asked for, without what stands behind the `?`, which may hold what nobody should log. */
const pathOf = (url: string): string => url.split('?', 1)[0] ?? ''

/** `url` is the request's own, before any router cut it. */
export const sendProblem = (
  request: IncomingMessage,
  response: ServerResponse,
  url: string,
  refused: Refused,
): void => {
  if (response.headersSent) {
    request.destroy()
    return
  }
  const { slug, detail, errors, headers } = problemOf(refused)
  const { status, title } = problemKinds[slug]
  const answer: ProblemAnswer = {
    type: `/problems/${slug}`,
    title,
    status,
    detail,
    instance: pathOf(url),
    ...(errors === undefined ? {} : { errors: [...errors] }),
  }
  send(response, status, {
    mediaType: 'application/problem+json',
    content: JSON.stringify(answer),
    ...(headers === undefined ? {} : { headers }),
  })
}
