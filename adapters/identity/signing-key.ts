import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { codeOf } from '../errors.ts'
import { ownFolder, synced } from '../own-files.ts'

const keyBytes = 32

const readKey = (file: string): Uint8Array | null => {
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
  if (!/^[0-9a-f]{64,}$/.test(text) || text.length % 2 !== 0) {
    throw new Error(`${file} holds no signing key: it must be at least ${keyBytes * 2} lower-case hex digits`)
  }
  return Buffer.from(text, 'hex')
}

/**
 * The key in this file, made at the first call and readable by its owner alone. It is written under a temporary name and
 * linked to the final one, which fails if that exists: of two processes that start at once, both use the first one's key.
 * @throws Error where the file cannot be read or made, or holds no key.
 */
export const signingKey = (file: string): Uint8Array => {
  const known = readKey(file)
  if (known !== null) return known
  ownFolder(dirname(file))
  const draft = `${file}.${process.pid}.${randomBytes(8).toString('hex')}`
  const descriptor = openSync(draft, 'wx', 0o600)
  try {
    writeSync(descriptor, `${randomBytes(keyBytes).toString('hex')}\n`)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  try {
    linkSync(draft, file)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  } finally {
    rmSync(draft)
  }
  synced(dirname(file))
  const made = readKey(file)
  if (made === null) throw new Error(`${file} was removed while it was made`)
  return made
}
