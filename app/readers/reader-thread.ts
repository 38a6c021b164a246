/** A reader thread: answers one query after another from read-only connections of its own. */
import { parentPort } from 'node:worker_threads'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { isMachineTrouble } from '../../adapters/errors.ts'
import type { Refused } from '../../adapters/http/problems.ts'
import { json } from '../../adapters/http/route.ts'
import { readerRoutes } from '../../adapters/http/routes/table.ts'
import { helpdesk, reporting } from '../../projections/registry.ts'
import { readOnlyModels, type Source } from '../projections/read-only-models.ts'
import type { ReaderOrder } from '../../adapters/http/readers.ts'
import type { JsonReply, Reply } from '../../adapters/http/replies.ts'

/** What is sent to the thread. */
export interface ReaderRequest {
  readonly order: ReaderOrder
  readonly readModels: Source
  readonly reports: Source
}

/** What the thread sends back: that it has started, then for each query the reply, a refusal, or that the files cannot be read from here. */
export type ReaderResult =
  | { readonly tag: 'started' }
  | { readonly tag: 'replied'; readonly reply: Reply }
  | { readonly tag: 'refused'; readonly refused: Refused }
  | { readonly tag: 'unreadable' }
  | { readonly tag: 'failed'; readonly reason: string }

const ofHelpdesk = readOnlyModels(helpdesk)
const ofReports = readOnlyModels(reporting)
const routes = new Map(readerRoutes.map((route) => [route.operationId, route.answer]))
const utf8 = new TextEncoder()

const inBytes = (reply: Reply | JsonReply<unknown>): Reply =>
  'json' in reply
    ? { mediaType: json, content: utf8.encode(JSON.stringify(reply.json)), headers: reply.headers }
    : { ...reply, content: typeof reply.content === 'string' ? utf8.encode(reply.content) : reply.content }

const resultOf = ({ order, readModels, reports }: ReaderRequest): ReaderResult => {
  const answer = routes.get(order.operationId)
  if (answer === undefined) return { tag: 'failed', reason: `no reader answers ${order.operationId}` }
  try {
    return pipe(
      answer({ readModels: ofHelpdesk.from(readModels), reports: ofReports.from(reports) }, order),
      E.match(
        (refused): ReaderResult => ({ tag: 'refused', refused }),
        (reply) => ({ tag: 'replied', reply: inBytes(reply) }),
      ),
    )
  } catch (error) {
    if (!isMachineTrouble(error)) return { tag: 'failed', reason: error instanceof Error ? (error.stack ?? '') : '' }
    // A file that was replaced, or is damaged: the thread that owns it says what it is.
    for (const models of [ofHelpdesk, ofReports]) models.close()
    return { tag: 'unreadable' }
  }
}

parentPort?.on('message', (request: ReaderRequest) => {
  const result = resultOf(request)
  const bytes =
    result.tag === 'replied' && typeof result.reply.content !== 'string' ? result.reply.content.buffer : null
  parentPort?.postMessage(result, bytes instanceof ArrayBuffer ? [bytes] : [])
})
const started: ReaderResult = { tag: 'started' }
parentPort?.postMessage(started, [])
