import { randomBytes } from 'node:crypto'
import { createOwnFile, readSecretFile } from '../own-files.ts'

const keyBytes = 32

const readKey = (file: string): Uint8Array | null => {
  const text = readSecretFile(file)?.trim()
  if (text === undefined) return null
  if (!/^[0-9a-f]{64,}$/.test(text) || text.length % 2 !== 0) {
    throw new Error(`${file} holds no signing key: it must be at least ${keyBytes * 2} lower-case hex digits`)
  }
  return Buffer.from(text, 'hex')
}

/**
 * The key in this file, made at the first call and readable by its owner alone. Of two processes that start at once, both
 * use the first one's key.
 * @throws Error where the file cannot be read or made, others can read or write it, or it holds no key.
 */
export const signingKey = (file: string): Uint8Array => {
  const known = readKey(file)
  if (known !== null) return known
  createOwnFile(file, `${randomBytes(keyBytes).toString('hex')}\n`)
  const made = readKey(file)
  if (made === null) throw new Error(`${file} was removed while it was made`)
  return made
}
