import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

/** A line that the domain refused. */
export interface Rejected {
  readonly line: number
  readonly reason: string
  /** The line as it stands in the file. */
  readonly command: string
}

/** The lines of a file that the domain refused, in `FILE.rejects.ndjson` beside it. */
export interface Rejects {
  /** What earlier runs rejected, by line. */
  readonly standing: ReadonlyMap<number, Rejected>
  /** Removes the entries of all other lines: they are of another file, or are played again. */
  readonly keep: (lines: ReadonlySet<number>) => void
  readonly add: (rejected: Rejected) => void
}

const toText = (rejected: Iterable<Rejected>): string =>
  [...rejected].map((each) => `${JSON.stringify(each)}\n`).join('')

/** A kill may leave a torn last line: that command is played again. */
const parse = (text: string): readonly Rejected[] => {
  try {
    const rejected: Rejected = JSON.parse(text)
    return [rejected]
  } catch {
    return []
  }
}

export const openRejects = (played: string): Rejects => {
  const file = `${played}.rejects.ndjson`
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  const standing = new Map(lines.flatMap(parse).map((each) => [each.line, each]))
  return {
    standing,
    keep: (kept) => {
      if (lines.length === 0) return
      writeFileSync(`${file}.part`, toText([...standing.values()].filter(({ line }) => kept.has(line))))
      renameSync(`${file}.part`, file)
    },
    add: (rejected) => appendFileSync(file, toText([rejected])),
  }
}
