import type { IncomingMessage, ServerResponse } from 'node:http'
import sendStatic from 'send'
import type { ProblemResponse } from '../api/response-schemas.ts'
import { codeOf } from '../errors.ts'
import { html } from '../mail/html.ts'
import { htmlPage } from './pages.ts'
import { problemKinds, problemOf, type Refused } from './problems.ts'
import type { AnswerBudget } from './answer-budget.ts'
import { json } from './route.ts'
import { traceOf } from './trace.ts'
import type { AnyReply, FileReply, JsonReply, Reply, StreamReply } from './replies.ts'

/** Writes replies and problems to the response. */

/** How long bytes after a refusal are still read, so that a client that sends all before it reads gets its response. */
const lingerMs = 2_000

/**
 * Reads no more of a body: what arrived is dropped, and so is what arrives within `lingerMs`; then the connection is
 * closed. A body that arrived whole and is not read to its end would keep its connection open and its guard running.
 */
const abandon = (request: IncomingMessage): void => {
  if (request.readableEnded || request.destroyed) return
  request.resume()
  if (request.complete) return
  const late = setTimeout(() => request.destroy(), lingerMs)
  request.once('end', () => clearTimeout(late)).once('close', () => clearTimeout(late))
}

const sendContent = (response: ServerResponse, status: number, { mediaType, content, headers }: Reply): void => {
  // The rest of a body cannot change this response.
  abandon(response.req)
  response.statusCode = status
  response.setHeader('Cache-Control', 'no-store')
  response.setHeader('Content-Type', mediaType)
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value)
  response.setHeader('Content-Length', Buffer.byteLength(content))
  response.end(response.req.method === 'HEAD' ? undefined : content)
}

const startStream = (response: ServerResponse, { mediaType, headers, stream }: StreamReply): void => {
  response.writeHead(200, { 'Cache-Control': 'no-store', 'Content-Type': mediaType, ...headers })
  if (response.req.method === 'HEAD') response.end()
  else stream(response)
}

const statusOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined

/** A file of which an event says that it is there, and that cannot be read, is the disk's fault. */
const refusalOf = (error: unknown, size: number): Refused =>
  statusOf(error) === 416
    ? { tag: 'RangeNotSatisfiable', size }
    : { tag: 'NotReady', reason: `the file cannot be read (${codeOf(error)})` }

/** Sends a file, or the byte range that was requested. `ETag` and `Cache-Control` are the reply's own. */
const sendFile = (response: ServerResponse, { mediaType, path, size, headers }: FileReply): void => {
  response.setHeader('Content-Type', mediaType)
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  sendStatic(response.req, path, {
    dotfiles: 'allow',
    index: false,
    cacheControl: false,
    lastModified: false,
    etag: false,
  })
    .on('error', (error: unknown) => {
      // The file's headers must not stand on a problem.
      for (const name of [...Object.keys(headers), 'Accept-Ranges']) response.removeHeader(name)
      sendProblem(response, refusalOf(error, size))
    })
    .pipe(response)
}

/** Who reads the answer: the caller, or a client address before anybody is known. */
const payerOf = (request: IncomingMessage): string => {
  const { caller, address } = traceOf(request)
  return caller ?? address
}

/** JSON as its text. */
const encoded = (reply: AnyReply): Exclude<AnyReply, JsonReply<unknown>> => {
  if (!('json' in reply)) return reply
  const { json: value, ...others } = reply
  return { ...others, mediaType: json, content: JSON.stringify(value) }
}

/**
 * Sends a handler's reply, with the status of its route unless it has its own; NotReady in its place where clients have not
 * read too many large ones yet.
 */
export const sendReply = (response: ServerResponse, status: number, reply: AnyReply, budget: AnswerBudget): void => {
  const content = encoded(reply)
  if ('stream' in content) startStream(response, content)
  else if ('path' in content) sendFile(response, content)
  else if ('redirect' in content) {
    response.setHeader('Set-Cookie', [...content.cookies])
    sendContent(response, 303, { mediaType: 'text/plain', content: '', headers: { Location: content.redirect } })
  } else if (budget.admit(response, Buffer.byteLength(content.content), payerOf(response.req))) {
    sendContent(response, content.status ?? status, content)
  } else sendProblem(response, { tag: 'NotReady', reason: 'large answers wait to be read' })
}

export const isReading = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD'

/** The path alone: query parameters may hold what must not be logged. */
const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?', 1)[0] ?? ''

/** A page of a problem, for a person whose browser opens an address outside the API. It needs no script and no style. */
const problemPage = ({ title, detail }: Pick<ProblemResponse, 'title' | 'detail'>): Omit<Reply, 'headers'> => ({
  mediaType: 'text/html; charset=utf-8',
  content: htmlPage(
    title,
    '<meta name="color-scheme" content="light dark">',
    html`<main>
      <h1>${title}</h1>
      <p>${detail}</p>
      <p><a href="/">Helpdesk</a></p>
    </main>`.html,
  ),
})

/**
 * Sends a refusal as a problem (RFC 9457), with `asPage` as a page. After the head was sent, the connection is closed
 * instead.
 */
export const sendProblem = (response: ServerResponse, refused: Refused, asPage = false): void => {
  if (response.headersSent) {
    response.req.destroy()
    return
  }
  const { slug, detail, errors, moreErrors, headers } = problemOf(refused, isReading(response.req))
  const { status, title } = problemKinds[slug]
  const problem: ProblemResponse = {
    type: `/problems/${slug}`,
    title,
    status,
    detail,
    instance: pathOf(response.req),
    ...(errors === undefined ? {} : { errors: [...errors] }),
    ...(moreErrors === undefined ? {} : { moreErrors }),
  }
  sendContent(response, status, {
    ...(asPage ? problemPage(problem) : { mediaType: 'application/problem+json', content: JSON.stringify(problem) }),
    ...(headers === undefined ? {} : { headers }),
  })
}
