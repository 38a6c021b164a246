import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Clock } from '../../domain/clock.ts'
import { createOwnFile, readSecretFile, replaceOwnFile } from '../own-files.ts'

/**
 * The keys that sign this server's own tokens, in one JSON file: for each purpose the newest first, and older ones as long
 * as tokens that they signed may be valid. Servers that share a log share the file.
 */
const StoredKey = t.intersection([
  t.strict({ kid: t.string, secret: t.string }),
  // Until when tokens signed with it are accepted, in ISO 8601; a key without it signs, or never ends.
  t.exact(t.partial({ until: t.string })),
])
type StoredKey = t.TypeOf<typeof StoredKey>

const KeyFile = t.strict({
  sessions: t.array(StoredKey),
  'mail-links': t.array(StoredKey),
  'demo-tokens': t.array(StoredKey),
})
type KeyFile = t.TypeOf<typeof KeyFile>

export type Purpose = keyof KeyFile

const hour = 3_600_000

/** How long after a rotation the old key is still needed, in ms: as long as the longest token. Links in mails never end. */
const longestLife: Readonly<Record<Purpose, number | null>> = {
  sessions: 9 * hour,
  'mail-links': null,
  'demo-tokens': 90 * 24 * hour,
}

export const purposes: readonly Purpose[] = ['sessions', 'mail-links', 'demo-tokens']

export interface Key {
  readonly kid: string
  readonly secret: Uint8Array
}

export interface Keyring {
  /** The key that signs now. */
  readonly current: (purpose: Purpose) => Key
  /** The key of this id, if tokens that it signed are accepted; else null. */
  readonly find: (purpose: Purpose, kid: string) => Key | null
}

const newKey = (): StoredKey => ({ kid: randomBytes(6).toString('base64url'), secret: randomBytes(32).toString('hex') })

const textOf = (keys: KeyFile): string => `${JSON.stringify(keys, null, 2)}\n`

const isKey = ({ kid, secret, until }: StoredKey): boolean =>
  /^[\w-]{8,}$/.test(kid) && /^([0-9a-f]{2}){32,}$/.test(secret) && !Number.isNaN(Date.parse(until ?? '2026-01-01'))

const parsed = (text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    return null
  }
}

/** @throws Error where the file holds something else, or others can read or write it. */
const readKeys = (file: string): KeyFile | null => {
  const text = readSecretFile(file)
  if (text === null) return null
  const keys = E.getOrElseW(() => null)(KeyFile.decode(parsed(text)))
  if (keys === null || purposes.some((purpose) => keys[purpose].length === 0 || !keys[purpose].every(isKey))) {
    throw new Error(`${file} holds no keys: restore it from a backup, or remove it and everybody signs in again`)
  }
  return keys
}

const firstKeys = (): KeyFile => ({ sessions: [newKey()], 'mail-links': [newKey()], 'demo-tokens': [newKey()] })

/** The keys of the file, which is made where there is none. */
const readOrMakeKeys = (file: string): KeyFile => {
  const known = readKeys(file)
  if (known !== null) return known
  createOwnFile(file, textOf(firstKeys()))
  const made = readKeys(file)
  if (made === null) throw new Error(`${file} was removed while it was made`)
  return made
}

/** Tells one state of the file from another. */
const stampOf = (file: string): string => {
  const stat = statSync(file, { throwIfNoEntry: false })
  return stat === undefined ? '' : `${stat.ino} ${stat.mtimeMs} ${stat.ctimeMs} ${stat.size}`
}

const keyOf = ({ kid, secret }: StoredKey): Key => ({ kid, secret: Buffer.from(secret, 'hex') })

/**
 * The keys in a file, which the first call makes. A changed file is read at the next use; what cannot be used then is
 * reported once, and the keys before it stay in use.
 * @throws Error where the file cannot be read or made, others can read or write it, or it holds no keys.
 */
export const openKeyring = (
  file: string,
  clock: Clock,
  onError: (error: unknown) => void = () => undefined,
): Keyring => {
  let keys = readOrMakeKeys(file)
  let stamp = stampOf(file)
  const refreshed = (): KeyFile => {
    const now = stampOf(file)
    if (now === stamp) return keys
    stamp = now
    try {
      keys = readKeys(file) ?? keys
    } catch (error) {
      onError(error)
    }
    return keys
  }
  const isAccepted = ({ until }: StoredKey): boolean => until === undefined || clock.now() < Date.parse(until)
  return {
    current: (purpose) => {
      const [newest] = refreshed()[purpose]
      if (newest === undefined) throw new Error(`${file} has no key for ${purpose}`)
      return keyOf(newest)
    },
    find: (purpose, kid) => {
      const found = refreshed()[purpose].find((key) => key.kid === kid && isAccepted(key))
      return found === undefined ? null : keyOf(found)
    },
  }
}

/**
 * Adds a new key for each purpose. Older keys are kept as long as tokens signed with them may be valid; with `revoke` none
 * is kept, so that every session, demo token and link in a mail ends at once.
 * @throws Error as `openKeyring` does.
 */
export const rotateKeys = (file: string, clock: Clock, revoke: boolean): void => {
  const keys = readOrMakeKeys(file)
  const now = clock.now()
  const kept = (purpose: Purpose): StoredKey[] => {
    const life = longestLife[purpose]
    return keys[purpose]
      .filter(({ until }) => until === undefined || now < Date.parse(until))
      .map((key) =>
        life === null || key.until !== undefined ? key : { ...key, until: new Date(now + life).toISOString() },
      )
  }
  const next = (purpose: Purpose): StoredKey[] => [newKey(), ...(revoke ? [] : kept(purpose))]
  replaceOwnFile(
    file,
    textOf({
      sessions: next('sessions'),
      'mail-links': next('mail-links'),
      'demo-tokens': next('demo-tokens'),
    }),
  )
}
