import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { decodeLine, type ImportLine } from '../../domain/import/line.ts'

/** A line that is no recorded command, or no exported event: one line of text that names its number. */
export class BrokenLine extends Error {}

/**
 * A file's lines, each ended by a line feed, with a carriage return before it or not. Nothing else ends a line: JSON may
 * hold U+2028 and U+2029 as they are, at which Node's own `readline` would break it.
 */
async function* textLines(file: string): AsyncGenerator<string, undefined> {
  let begun: string[] = []
  const whole = (end: string): string => {
    const line = begun.length === 0 ? end : [...begun, end].join('')
    begun = []
    return line.endsWith('\r') ? line.slice(0, -1) : line
  }
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 18 })) {
    const parts = String(chunk).split('\n')
    const rest = parts.pop() ?? ''
    for (const part of parts) yield whole(part)
    if (rest !== '') begun.push(rest)
  }
  const last = whole('')
  if (last !== '') yield last
  return undefined
}

/** Parses each line as JSON; blank lines count and are skipped. @throws BrokenLine. */
export async function* jsonLines(file: string): AsyncGenerator<{
  readonly number: number
  readonly text: string
  readonly value: unknown
}> {
  let number = 0
  for await (const text of textLines(file)) {
    number++
    if (text.trim() === '') continue
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      throw new BrokenLine(`line ${number} is not JSON`)
    }
    yield { number, text, value }
  }
}

/** A recorded command with its line number, from 1, and the line as it stands in the file. */
export interface NumberedLine {
  readonly number: number
  readonly text: string
  readonly line: ImportLine
}

/** Reads recorded commands line by line. @throws BrokenLine at the first wrong one. */
export async function* readLines(file: string): AsyncGenerator<NumberedLine> {
  for await (const { number, text, value } of jsonLines(file)) {
    const decoded = decodeLine(value)
    if (decoded._tag === 'Left') {
      const errors = decoded.left.map(({ path, message }) => `${path} ${message}`)
      throw new BrokenLine(`line ${number}: ${errors.join('; ')}`)
    }
    yield { number, text, line: decoded.right }
  }
}

/** The file's SHA-256: 64 hex digits. */
export const fileDigestOf = async (file: string): Promise<string> => {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
