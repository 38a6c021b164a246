import { createReadStream } from 'node:fs'

/**
 * A file's lines, each ended by a line feed, with a carriage return before it or not. Nothing else ends a line: JSON may
 * hold U+2028 and U+2029 as they are, at which Node's own `readline` would break it.
 */
export async function* textLines(file: string): AsyncGenerator<string, undefined> {
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
