/**
 * Checks a proof bundle by the description in `docs/proof-format.md`, with Node's crypto alone. It must not share code with
 * the product, so that an error in the code that makes bundles cannot hide here.
 */
import { createHash, createPublicKey, verify } from 'node:crypto'

const sha = (...parts: readonly (string | Buffer)[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
const hex = (text: string): Buffer => Buffer.from(text, 'hex')

/** Each part, after its length in eight bytes, big-endian. */
const framed = (...parts: readonly (string | Buffer)[]): Buffer =>
  Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part)
      const length = Buffer.alloc(8)
      length.writeBigUInt64BE(BigInt(bytes.length))
      return [length, bytes]
    }),
  )

/** The root computed from leaf `n` of `size` (RFC 6962, section 2.1.1: a tree splits at the largest power of two below its size). */
const rootFrom = (leaf: Buffer, n: number, size: number, path: Buffer[]): Buffer => {
  if (size === 1) {
    if (path.length > 0) throw new Error('the path is too long')
    return leaf
  }
  const sibling = path.pop()
  if (sibling === undefined) throw new Error('the path is too short')
  let left = 1
  while (left * 2 < size) left *= 2
  return n < left
    ? sha(Buffer.of(1), rootFrom(leaf, n, left, path), sibling)
    : sha(Buffer.of(1), sibling, rootFrom(leaf, n - left, size - left, path))
}

/** @throws Error with what is wrong with the bundle. */
export const checkBundleIndependently = (publicKey: string, text: string): void => {
  const bundle = JSON.parse(text)
  const [, name, encoded] = /^(.+)\+[0-9a-f]{8}\+(.+)$/.exec(publicKey) ?? []
  const raw = Buffer.from(encoded ?? '', 'base64').subarray(1)
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' })
  const [signed, signature = ''] = String(bundle.head).split(/(?<=\n)\n— /)
  const bytes = Buffer.from(signature.split(' ')[1] ?? '', 'base64')
  if (!verify(null, Buffer.from(signed ?? ''), key, bytes.subarray(4))) throw new Error('the head is not signed')
  const [origin, size, root] = (signed ?? '').split('\n')
  if (origin !== name) throw new Error('the head is of another log')
  let previous = ''
  for (const [index, { exact, hash, previousHash, version, stream, proof }] of bundle.events.entries()) {
    const envelope = JSON.parse(exact.envelope)
    if (stream !== `ticket-${bundle.ticket}` || envelope.stream !== stream) throw new Error('another stream')
    if (version !== index + 1 || envelope.version !== version || previousHash !== previous)
      throw new Error('not chained')
    const digest = sha('ledgerdesk/personal/1\n', framed(hex(exact.salt), exact.personal))
    if (digest.toString('hex') !== exact.personalDigest) throw new Error('a personal part was altered')
    const made = sha('ledgerdesk/event/1\n', framed(exact.envelope, exact.data, digest, hex(previous)))
    if (made.toString('hex') !== hash) throw new Error('an event was altered')
    const leaf = sha(Buffer.of(0), made)
    if (rootFrom(leaf, proof.leaf, Number(size), proof.path.map(hex)).toString('base64') !== root) {
      throw new Error('an event is not in the tree')
    }
    previous = hash
  }
}
