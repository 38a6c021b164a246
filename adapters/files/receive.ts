import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { left, right, type Either } from 'fp-ts/lib/Either.js'

/** Bytes as they arrived on the disk. */
export interface Received {
  readonly size: number
  /** 64 hex digits. */
  readonly sha256: string
}

/**
 * Writes a stream to a new file while hashing and counting it, and syncs it. Left: it goes on beyond `limit` bytes; the
 * rest is not read, and what was written stays for the caller to remove.
 */
export const receive = async (
  source: AsyncIterable<Uint8Array>,
  path: string,
  limit: number,
): Promise<Either<'too-large', Received>> => {
  const hash = createHash('sha256')
  const file = await open(path, 'wx', 0o600)
  let size = 0
  try {
    for await (const chunk of source) {
      size += chunk.length
      if (size > limit) return left('too-large')
      hash.update(chunk)
      await file.write(chunk)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return right({ size, sha256: hash.digest('hex') })
}
