import { appendFileSync, existsSync, renameSync, writeFileSync } from 'node:fs'

/** A line that the domain refused. */
export interface Rejected {
  readonly line: number
  readonly reason: string
  /** The line as it stands in the file. */
  readonly command: string
}

/** The lines of a file that the domain refused, in `FILE.rejects.ndjson` beside it. */
export interface Rejects {
  readonly add: (rejected: Rejected) => void
  /** The run is over: the entries of earlier runs go, in one step. A killed run leaves them. */
  readonly finish: () => void
}

const toText = (rejected: readonly Rejected[]): string => rejected.map((each) => `${JSON.stringify(each)}\n`).join('')

export const openRejects = (played: string): Rejects => {
  const file = `${played}.rejects.ndjson`
  const rejected: Rejected[] = []
  return {
    add: (each) => {
      rejected.push(each)
      appendFileSync(file, toText([each]))
    },
    finish: () => {
      if (!existsSync(file)) return
      writeFileSync(`${file}.part`, toText(rejected.toSorted((a, b) => a.line - b.line)))
      renameSync(`${file}.part`, file)
    },
  }
}
