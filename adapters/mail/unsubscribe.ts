import { createHmac, timingSafeEqual } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import { PersonId } from '../../domain/ids.ts'
import { Kind } from '../../domain/notification/kinds.ts'
import type { Key, Keyring } from '../identity/keyring.ts'

/** Which kinds of mails a link ends, and for whom. */
export interface Unsubscribing {
  readonly person: PersonId
  readonly kinds: readonly Kind[]
}

/** Tokens in the links of mails, which replace a sign-in. */
export interface UnsubscribeTokens {
  /** Safe in a URL's path; valid as long as the key that signs now is kept. */
  readonly issue: (unsubscribing: Unsubscribing) => string
  /** Null for a token that none of the keys signed. */
  readonly read: (token: string) => Unsubscribing | null
}

const Claims = t.tuple([PersonId, t.array(Kind)])

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const signatureOf = ({ secret }: Key, claims: string): string =>
  createHmac('sha256', secret).update(`ledgerdesk/unsubscribe/1\n${claims}`).digest('base64url')

/** Compares the texts, not what they encode: base64url has several spellings of the same bytes. */
const isEqual = (a: string, b: string): boolean =>
  Buffer.byteLength(a) === Buffer.byteLength(b) && timingSafeEqual(Buffer.from(a), Buffer.from(b))

/**
 * Tokens signed with HMAC-SHA256: the id of the key, the claims, the signature. They do not expire: a mail may be read
 * years later, and a token can only keep mails from being sent.
 */
export const unsubscribeTokens = (keys: Keyring): UnsubscribeTokens => ({
  issue: ({ person, kinds }) => {
    const key = keys.current('mail-links')
    const claims = Buffer.from(JSON.stringify([person, kinds])).toString('base64url')
    return `${key.kid}.${claims}.${signatureOf(key, claims)}`
  },
  read: (token) => {
    const [, kid = '', claims = '', signature = ''] = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(token) ?? []
    const key = keys.find('mail-links', kid)
    if (key === null || !isEqual(signature, signatureOf(key, claims))) return null
    return pipe(
      Claims.decode(parsed(Buffer.from(claims, 'base64url').toString('utf8'))),
      E.match(
        () => null,
        ([person, kinds]) => ({ person, kinds }),
      ),
    )
  },
})
