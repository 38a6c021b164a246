import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { decodeLine, type ImportLine } from '../../domain/import/line.ts'
import { textLines } from './text-lines.ts'

/** A line that is no recorded command: one line of text that names it. */
export class BrokenLine extends Error {}

const parse = (text: string, number: number): ImportLine => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new BrokenLine(`line ${number} is not JSON`)
  }
  const decoded = decodeLine(value)
  if (decoded._tag === 'Right') return decoded.right
  throw new BrokenLine(`line ${number}: ${decoded.left.map(({ path, message }) => `${path} ${message}`).join('; ')}`)
}

/** Reads the file line by line; blank lines count, and are passed over. @throws BrokenLine at the first wrong one. */
export async function* readLines(
  file: string,
): AsyncGenerator<{ readonly number: number; readonly text: string; readonly line: ImportLine }> {
  let number = 0
  for await (const text of textLines(file)) {
    number++
    if (text.trim() !== '') yield { number, text, line: parse(text, number) }
  }
}

/** The file's SHA-256: 64 hex digits. */
export const digestOf = async (file: string): Promise<string> => {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
