import { createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Keyring } from '../../../adapters/identity/keyring.ts'
import { unsubscribeTokens } from '../../../adapters/mail/unsubscribe.ts'
import { kinds } from '../../../domain/notification/kinds.ts'
import { holds } from '../../support/arbitrary.ts'
import { personId } from '../../support/ids.ts'

const tokens = suite('unsubscribe tokens')
const keyringOf = (byte: number, kid = 'key-1'): Keyring => {
  const key = { kid, secret: Buffer.alloc(32, byte) }
  return { current: () => key, find: (_purpose, id) => (id === kid ? key : null) }
}
const { issue, read } = unsubscribeTokens(keyringOf(1))

tokens('carry any person and kinds, in characters that are safe in a path', () => {
  holds(
    fc.property(fc.string({ unit: 'grapheme' }).map(personId), fc.subarray([...kinds]), (person, some) => {
      const token = issue({ person, kinds: some })
      assert.match(token, /^key-1\.[\w-]+\.[\w-]{43}$/)
      assert.equal(read(token), { person, kinds: some })
    }),
    { usually: 300 },
  )
})

tokens('are rejected under another key or with one character changed', () => {
  const token = issue({ person: personId('ann'), kinds: ['closed_by_support'] })
  assert.is(unsubscribeTokens(keyringOf(2)).read(token), null)
  assert.is(unsubscribeTokens(keyringOf(1, 'key-2')).read(token), null)
  for (const at of token.split('').keys()) {
    const other = token.charAt(at) === 'A' ? 'B' : 'A'
    assert.is(read(token.slice(0, at) + other + token.slice(at + 1)), null, `letter ${at}`)
  }
  for (const none of ['', '.', 'x', token.split('.')[0] ?? '', `${token}.x`, `${token}A`, ` ${token}`]) {
    assert.is(read(none), null, none)
  }
})

tokens('are rejected where the key signed another purpose or an unknown kind', () => {
  const signed = (claims: unknown, purpose: string): string => {
    const text = Buffer.from(JSON.stringify(claims)).toString('base64url')
    return `key-1.${text}.${createHmac('sha256', Buffer.alloc(32, 1)).update(`${purpose}${text}`).digest('base64url')}`
  }
  const ours = 'ledgerdesk/unsubscribe/1\n'
  assert.equal(read(signed(['ann', ['new_ticket']], ours)), { person: 'ann', kinds: ['new_ticket'] })
  assert.is(read(signed(['ann', ['new_ticket']], '')), null)
  assert.is(read(signed(['ann', ['other']], ours)), null)
  assert.is(read(signed({ person: 'ann' }, ours)), null)
})

tokens.run()
