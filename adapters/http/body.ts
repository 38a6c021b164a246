import type { IncomingMessage } from 'node:http'
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { keepPace } from './slow-body-guard.ts'
import { decodeJson } from './json.ts'
import type { Refused } from './problems.ts'

/** The most bytes of a JSON body: four times what the longest texts of one command need. */
export const bodyLimit = 256 * 1024

const isJson = (contentType: string): boolean => /^application\/json *(; *charset="?utf-8"? *)?$/i.test(contentType)

/** The bytes as they came. What is too much is read no further. */
const readBytes = async (request: IncomingMessage): Promise<Either<Refused, Uint8Array>> => {
  keepPace(request)
  const chunks: Uint8Array[] = []
  let size = Number(request.headers['content-length'] ?? 0)
  if (size <= bodyLimit) {
    size = 0
    try {
      const bytes: AsyncIterable<Uint8Array> = request.iterator({ destroyOnReturn: false })
      for await (const chunk of bytes) {
        size += chunk.length
        if (size > bodyLimit) break
        chunks.push(chunk)
      }
    } catch {
      return left({ tag: 'MalformedJson', why: 'ended too early' })
    }
  }
  if (size <= bodyLimit) return right(Buffer.concat(chunks, size))
  return left({ tag: 'BodyTooLarge', limit: bodyLimit })
}

/** Reads a command's body. Where it `mayBeEmpty`, nothing means `{}`. */
export const readJsonBody = async (
  request: IncomingMessage,
  { mayBeEmpty }: { readonly mayBeEmpty: boolean },
): Promise<Either<Refused, unknown>> => {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity')
    return left({ tag: 'UnsupportedMediaType', expected: 'application/json', why: 'without Content-Encoding' })
  const bytes = await readBytes(request)
  if (bytes._tag === 'Left') return bytes
  if (bytes.right.length === 0 && mayBeEmpty) return right({})
  const contentType = request.headers['content-type']
  if (contentType === undefined)
    return left({ tag: 'UnsupportedMediaType', expected: 'application/json', why: 'Content-Type is missing' })
  if (!isJson(contentType))
    return left({ tag: 'UnsupportedMediaType', expected: 'application/json', why: 'Content-Type names something else' })
  if (bytes.right.length === 0) return left({ tag: 'MalformedJson', why: 'is empty' })
  const decoded = decodeJson(bytes.right)
  if (decoded._tag === 'Right') return decoded
  return decoded.left.tag === 'Malformed'
    ? left({ tag: 'MalformedJson', why: decoded.left.why })
    : left({ tag: 'Invalid', errors: [decoded.left.error] })
}
