import { createHash } from 'node:crypto'

/** The hash rule of docs/proof-format.md, implemented without any code of the domain. */
const eightBytes = (length: number): Buffer => Buffer.from(length.toString(16).padStart(16, '0'), 'hex')

const digest = (tag: string, parts: readonly Buffer[]): string => {
  const hash = createHash('sha256').update(tag, 'utf8')
  for (const part of parts) hash.update(eightBytes(part.byteLength)).update(part)
  return hash.digest('hex')
}

export const independentPersonalDigest = (salt: string, personal: string): string =>
  digest('ledgerdesk/personal/1\n', [Buffer.from(salt, 'hex'), Buffer.from(personal, 'utf8')])

export const independentEventHash = (
  envelope: string,
  data: string,
  personalDigest: string,
  previousHash: string,
): string =>
  digest('ledgerdesk/event/1\n', [
    Buffer.from(envelope, 'utf8'),
    Buffer.from(data, 'utf8'),
    Buffer.from(personalDigest, 'hex'),
    Buffer.from(previousHash, 'hex'),
  ])
