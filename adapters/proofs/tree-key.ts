import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { join } from 'node:path'
import type { NoteKey, Sign, VerifySignature } from '../../domain/proof/note.ts'
import { sha256 } from '../crypto.ts'
import { signingKey } from './signing-key.ts'

// The DER prefixes of an Ed25519 key in PKCS #8 and in SubjectPublicKeyInfo (RFC 8410); the key's 32 bytes follow.
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const spki = Buffer.from('302a300506032b6570032100', 'hex')

export const verifyEd25519: VerifySignature = (publicKey, message, signature) =>
  verify(
    null,
    message,
    createPublicKey({ key: Buffer.concat([spki, publicKey]), format: 'der', type: 'spki' }),
    signature,
  )

/** The key that signs a log's tree heads. */
export interface TreeKey {
  readonly key: NoteKey
  readonly sign: Sign
}

/**
 * The key of a data folder, `tree-key`, which the first call creates. Its name, which is also the origin in checkpoints,
 * derives from the public key.
 * @throws Error where the file cannot be read or created, or holds no key.
 */
export const openTreeKey = (folder: string): TreeKey => {
  const file = join(folder, 'tree-key')
  const seed = signingKey(file)
  if (seed.length !== 32) throw new Error(`${file} holds no Ed25519 key: it must hold 64 lower-case hex digits`)
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(spki.length)
  return {
    key: { name: `ledgerdesk/${sha256(publicKey).slice(0, 16)}`, publicKey },
    sign: (message) => sign(null, message, privateKey),
  }
}
