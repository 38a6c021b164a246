import { createHmac, timingSafeEqual } from 'node:crypto'
import * as t from 'io-ts'
import { Kind } from '../../domain/notification/kinds.ts'

/** Whose mails of which kinds a link ends. */
export interface Unsubscribing {
  readonly person: string
  readonly kinds: readonly Kind[]
}

/** What the links of mails carry instead of a sign-in. */
export interface UnsubscribeTokens {
  /** Fit for a URL's path; good for as long as the key is. */
  readonly issue: (unsubscribing: Unsubscribing) => string
  /** Null for what this key did not issue. */
  readonly read: (token: string) => Unsubscribing | null
}

const Claims = t.tuple([t.string, t.array(Kind)])

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/**
 * Tokens signed with HMAC-SHA256. The key signs other things too, so what is signed begins with what it is for. They do
 * not run out: a mail may be read years later, and all that a token can do is to keep mails from going out.
 */
export const unsubscribeTokens = (key: Uint8Array): UnsubscribeTokens => {
  const mark = (claims: string): Buffer =>
    createHmac('sha256', key).update(`ledgerdesk/unsubscribe/1\n${claims}`).digest()
  return {
    issue: ({ person, kinds }) => {
      const claims = Buffer.from(JSON.stringify([person, kinds])).toString('base64url')
      return `${claims}.${mark(claims).toString('base64url')}`
    },
    read: (token) => {
      const [, claims = '', shown = ''] = /^([\w-]+)\.([\w-]+)$/.exec(token) ?? []
      const [right, wrong] = [mark(claims), Buffer.from(shown, 'base64url')]
      if (wrong.length !== right.length || !timingSafeEqual(wrong, right)) return null
      const read = Claims.decode(parsed(Buffer.from(claims, 'base64url').toString('utf8')))
      return read._tag === 'Right' ? { person: read.right[0], kinds: read.right[1] } : null
    },
  }
}
