import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

/** A line that the domain refused. */
export interface Rejected {
  readonly line: number
  readonly reason: string
  /** The line as it stands in the file. */
  readonly command: string
}

/** What the domain refused, beside the file that was played: `FILE.rejects.ndjson`. */
export interface Rejects {
  /** What earlier runs set aside, by line. */
  readonly standing: ReadonlyMap<number, Rejected>
  /** Drops what stands for any other line: it is of another file, or played again. */
  readonly keep: (lines: ReadonlySet<number>) => void
  readonly add: (rejected: Rejected) => void
}

const written = (rejected: Iterable<Rejected>): string =>
  [...rejected].map((each) => `${JSON.stringify(each)}\n`).join('')

/** The last line may be torn: it was being written when an import was killed, and its command is played again. */
const parsed = (text: string): readonly Rejected[] => {
  try {
    const rejected: Rejected = JSON.parse(text)
    return [rejected]
  } catch {
    return []
  }
}

export const rejectsOf = (played: string): Rejects => {
  const file = `${played}.rejects.ndjson`
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  const standing = new Map(lines.flatMap(parsed).map((each) => [each.line, each]))
  return {
    standing,
    keep: (kept) => {
      if (lines.length === 0) return
      writeFileSync(`${file}.part`, written([...standing.values()].filter(({ line }) => kept.has(line))))
      renameSync(`${file}.part`, file)
    },
    add: (rejected) => appendFileSync(file, written([rejected])),
  }
}
