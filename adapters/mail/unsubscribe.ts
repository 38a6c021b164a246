import { createHmac, timingSafeEqual } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import { PersonId } from '../../domain/ids.ts'
import { Kind } from '../../domain/notification/kinds.ts'

/** Which kinds of mails a link ends, and for whom. */
export interface Unsubscribing {
  readonly person: PersonId
  readonly kinds: readonly Kind[]
}

/** Tokens in the links of mails, which replace a sign-in. */
export interface UnsubscribeTokens {
  /** Safe in a URL's path; valid as long as the key is. */
  readonly issue: (unsubscribing: Unsubscribing) => string
  /** Null for a token that this key did not sign. */
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

/**
 * Tokens signed with HMAC-SHA256. The key signs other things too, so the signed text begins with its purpose. They do not
 * expire: a mail may be read years later, and a token can only keep mails from being sent.
 */
export const unsubscribeTokens = (key: Uint8Array): UnsubscribeTokens => {
  const signatureOf = (claims: string): Buffer =>
    createHmac('sha256', key).update(`ledgerdesk/unsubscribe/1\n${claims}`).digest()
  return {
    issue: ({ person, kinds }) => {
      const claims = Buffer.from(JSON.stringify([person, kinds])).toString('base64url')
      return `${claims}.${signatureOf(claims).toString('base64url')}`
    },
    read: (token) => {
      const [, claims = '', signature = ''] = /^([\w-]+)\.([\w-]+)$/.exec(token) ?? []
      const [expected, actual] = [signatureOf(claims), Buffer.from(signature, 'base64url')]
      if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) return null
      return pipe(
        Claims.decode(parsed(Buffer.from(claims, 'base64url').toString('utf8'))),
        E.match(
          () => null,
          ([person, kinds]) => ({ person, kinds }),
        ),
      )
    },
  }
}
