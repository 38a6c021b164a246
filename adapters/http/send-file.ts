import type { IncomingMessage, ServerResponse } from 'node:http'
import send from 'send'
import type { Refused } from './problems.ts'
import type { FileReply } from './route.ts'

const statusOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined

/**
 * Sends a file, or the part of it that was asked for. The headers that decide whether it is still the same (`ETag`) and
 * how long it may be kept are the reply's own.
 */
export const sendFile = (
  request: IncomingMessage,
  response: ServerResponse,
  { mediaType, path, size, headers }: FileReply,
  refuse: (refused: Refused) => void,
): void => {
  response.setHeader('Content-Type', mediaType)
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  send(request, path, { dotfiles: 'allow', index: false, cacheControl: false, lastModified: false, etag: false })
    .on('error', (error: unknown) => {
      // What belongs to the file does not belong to a refusal.
      for (const name of [...Object.keys(headers), 'Accept-Ranges']) response.removeHeader(name)
      refuse(statusOf(error) === 416 ? { tag: 'RangeNotSatisfiable', size } : { tag: 'Internal' })
    })
    .pipe(response)
}
