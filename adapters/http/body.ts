import type { IncomingMessage } from 'node:http'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type * as t from 'io-ts'
import { decode } from '../../domain/codec.ts'
import { decodeJson } from './json.ts'
import type { Refused } from './problems.ts'

/** The most bytes of a JSON body: four times what the longest texts of one command need. */
export const bodyLimit = 256 * 1024

/** A body of which fewer than `leastBytes` arrive within `windowMs` is cut off. */
const windowMs = 10_000
const leastBytes = 10_240

/**
 * The slow-body guard: closes the connection of a client whose body arrives too slowly. The server's time limit for a
 * whole request has to allow large files on slow connections, so a slow-loris client is recognised by its rate alone.
 */
export const guardSlowBody = (request: IncomingMessage, window = windowMs): void => {
  const { socket } = request
  // What is closed already emits nothing any more.
  if (request.destroyed || socket.destroyed) return
  let before = socket.bytesRead
  const timer = setInterval(() => {
    const arrived = socket.bytesRead - before
    before = socket.bytesRead
    // Bytes that arrived and are not read yet are this server's delay, not the client's.
    if (arrived < leastBytes && request.readableLength === 0) request.destroy()
  }, window)
  const stop = (): void => {
    clearInterval(timer)
    request.off('end', stop).off('close', stop)
    socket.off('close', stop)
  }
  request.once('end', stop).once('close', stop)
  // A request whose response was sent emits nothing when its connection is closed.
  socket.once('close', stop)
}

const tooLarge: Refused = { tag: 'BodyTooLarge', limit: bodyLimit }

/** The body's bytes. A body over the limit is not read to its end. */
const readBytes = async (request: IncomingMessage): Promise<E.Either<Refused, Uint8Array>> => {
  guardSlowBody(request)
  if (Number(request.headers['content-length'] ?? 0) > bodyLimit) return E.left(tooLarge)
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    const bytes: AsyncIterable<Uint8Array> = request.iterator({ destroyOnReturn: false })
    for await (const chunk of bytes) {
      size += chunk.length
      if (size > bodyLimit) return E.left(tooLarge)
      chunks.push(chunk)
    }
  } catch {
    return E.left({ tag: 'MalformedJson', why: 'ended too early' })
  }
  return E.right(Buffer.concat(chunks, size))
}

const notJson = (why: string): Refused => ({ tag: 'UnsupportedMediaType', expected: 'application/json', why })

const isJson = (contentType: string): boolean => /^application\/json *(; *charset="?utf-8"? *)?$/i.test(contentType)

const parse = ({ headers }: IncomingMessage, bytes: Uint8Array): E.Either<Refused, unknown> => {
  const contentType = headers['content-type']
  if (contentType === undefined) return E.left(notJson('Content-Type is missing'))
  if (!isJson(contentType)) return E.left(notJson('Content-Type names something else'))
  if (bytes.length === 0) return E.left({ tag: 'MalformedJson', why: 'is empty' })
  return pipe(
    decodeJson(bytes),
    E.mapLeft((refused): Refused =>
      refused.tag === 'Malformed'
        ? { tag: 'MalformedJson', why: refused.why }
        : { tag: 'Invalid', errors: [refused.error] },
    ),
  )
}

export interface JsonBody<B> {
  readonly codec: t.Type<B, unknown, unknown>
  /** No body at all means `{}`. */
  readonly mayBeEmpty: boolean
}

/** Reads and decodes a JSON body: at most `bodyLimit` bytes of UTF-8, without Content-Encoding. */
export const readJsonBody = <B>(
  request: IncomingMessage,
  { codec, mayBeEmpty }: JsonBody<B>,
): TE.TaskEither<Refused, B> =>
  pipe(
    TE.fromPredicate(
      ({ headers }: IncomingMessage) => (headers['content-encoding'] ?? 'identity') === 'identity',
      () => notJson('without Content-Encoding'),
    )(request),
    TE.flatMap(() => () => readBytes(request)),
    TE.flatMapEither((bytes) => (bytes.length === 0 && mayBeEmpty ? E.right({}) : parse(request, bytes))),
    TE.flatMapEither((json) =>
      pipe(
        decode(codec)(json),
        E.mapLeft((errors): Refused => ({ tag: 'Invalid', errors })),
      ),
    ),
  )
