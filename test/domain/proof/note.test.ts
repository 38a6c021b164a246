import { generateKeyPairSync, sign as ed25519Sign, type KeyObject } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { verifyEd25519 } from '../../../adapters/proofs/tree-key.ts'
import { openHead, signHead } from '../../../domain/proof/checkpoint.ts'
import { openNote, readKey, signNote, writeKey, type NoteKey } from '../../../domain/proof/note.ts'
import { sha256 } from '../../../adapters/crypto.ts'

const rawOf = (publicKey: KeyObject): Uint8Array => publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)

const newKey = (name: string) => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const key: NoteKey = { name, publicKey: rawOf(publicKey) }
  return { key, sign: (message: Uint8Array): Uint8Array => ed25519Sign(null, message, privateKey) }
}

const notes = suite('signed notes and checkpoints')

// The example in the documentation of Go's golang.org/x/mod/sumdb/note, signed by that program.
const theirKey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const theirText =
  'If you think cryptography is the answer to your problem,\nthen you don’t know what your problem is.\n'.replace(
    '’',
    "'",
  )
const theirNote = `${theirText}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`

notes('a note that another program signed is opened', () => {
  const key = readKey(sha256, theirKey)
  if (key === null) return assert.unreachable('the key is read')
  assert.is(writeKey(sha256, key), theirKey)
  assert.is(openNote(sha256, key, verifyEd25519, theirNote), theirText)
})

notes('an alteration of any byte is detected', () => {
  const key = readKey(sha256, theirKey)
  if (key === null) return assert.unreachable('the key is read')
  const bytes = Buffer.from(theirNote)
  for (let at = 0; at < bytes.length; at++) {
    for (const by of [1, 0x20, 0x80]) {
      const altered = Buffer.from(bytes)
      altered[at] = (altered[at] ?? 0) ^ by
      assert.is(openNote(sha256, key, verifyEd25519, altered.toString('latin1')), null, `byte ${at}`)
      assert.is(openNote(sha256, key, verifyEd25519, altered.toString('utf8')), null, `byte ${at}`)
    }
  }
  for (let at = 0; at < theirKey.length; at++) {
    const altered = readKey(sha256, theirKey.slice(0, at) + (theirKey[at] === 'A' ? 'B' : 'A') + theirKey.slice(at + 1))
    assert.ok(altered === null || openNote(sha256, altered, verifyEd25519, theirNote) === null, `key at ${at}`)
  }
})

notes('a head is opened as it was signed, with its own key only', () => {
  const ours = newKey('ledgerdesk/1')
  const other = newKey('ledgerdesk/1')
  const root = sha256(Buffer.from('root'))
  for (const size of [0, 1, 4_294_967_297]) {
    const checkpoint = signHead(sha256, ours.key, ours.sign, { size, root })
    assert.equal(openHead(sha256, ours.key, verifyEd25519, checkpoint), { size, root })
    assert.is(openHead(sha256, other.key, verifyEd25519, checkpoint), null)
    // Another key may sign the same note.
    const witnessed = `${checkpoint}— witness.example ${Buffer.alloc(68, 7).toString('base64')}\n`
    assert.equal(openHead(sha256, ours.key, verifyEd25519, witnessed), { size, root })
  }
})

notes('a note of this key for another log or in another form is no head', () => {
  const { key, sign } = newKey('ledgerdesk/1')
  const root = Buffer.alloc(32).toString('base64')
  for (const text of [
    `other.example/log\n1\n${root}\n`,
    `ledgerdesk/1\n01\n${root}\n`,
    `ledgerdesk/1\n-1\n${root}\n`,
    `ledgerdesk/1\n1\n${root.slice(0, -4)}\n`,
    'ledgerdesk/1\n',
  ]) {
    assert.is(openHead(sha256, key, verifyEd25519, signNote(sha256, key, sign, text)), null, text)
  }
})

notes.run()
