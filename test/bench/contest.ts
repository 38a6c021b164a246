/**
 * One measurement of a benchmark: what ours does, the raw limit on the same work, and peers, run in turn so that a
 * machine that slows down slows all of them (only ratios travel).
 */
export interface Contest {
  /** The case it belongs to, such as `append`; a case may have several rows. */
  readonly name: string
  readonly what: string
  readonly unit: string
  readonly better: 'higher' | 'lower'
  readonly ours: Contender
  readonly raw: Contender | null
  readonly peers: Readonly<Record<string, Contender>>
  /** In words, and what it asks of the ratios (ours over the other) and of our own figure. */
  readonly bar: { readonly text: string; readonly met: (measured: Measured) => boolean } | null
}

/** Does the work once and answers its figure in the contest's unit. */
export type Contender = () => Promise<number>

export interface Measured {
  readonly ours: number
  readonly raw: number | null
  readonly peers: Readonly<Record<string, number>>
  readonly ratios: Readonly<Record<string, number>>
}

/** A row of `bench-results.json` (contract, section 8). */
export interface Result extends Measured {
  readonly name: string
  readonly what: string
  readonly unit: string
  readonly better: 'higher' | 'lower'
  /** Every figure of every run, in the order of the runs. */
  readonly runs: Readonly<Record<string, readonly number[]>>
  readonly bar: string | null
  /** Null where there is no bar. */
  readonly met: boolean | null
}

/** Counted runs of each contender, after one that is not. */
const runs = 5

export const median = (figures: readonly number[]): number =>
  figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN

const rounded = (figure: number): number => Number(figure.toPrecision(4))

/** Runs all contenders in turn, once to warm up and then five times. */
export const measure = async (contest: Contest, tell: (text: string) => void): Promise<Result> => {
  const contenders: Record<string, Contender> = { ours: contest.ours, ...contest.peers }
  if (contest.raw !== null) contenders['raw'] = contest.raw
  const figures: Record<string, number[]> = {}
  for (let run = 0; run <= runs; run++) {
    for (const [name, contender] of Object.entries(contenders)) {
      tell(`${contest.what}: ${run === 0 ? 'warm-up' : `run ${run} of ${runs}`}, ${name}`)
      const figure = await contender()
      if (run > 0) (figures[name] ??= []).push(rounded(figure))
    }
  }
  const of = (name: string): number => median(figures[name] ?? [])
  const others = Object.keys(contenders).filter((name) => name !== 'ours')
  const measured: Measured = {
    ours: of('ours'),
    raw: contest.raw === null ? null : of('raw'),
    peers: Object.fromEntries(Object.keys(contest.peers).map((name) => [name, of(name)])),
    ratios: Object.fromEntries(others.map((name) => [name, rounded(of('ours') / of(name))])),
  }
  const { name, what, unit, better, bar } = contest
  return {
    name,
    what,
    unit,
    better,
    ...measured,
    runs: figures,
    bar: bar?.text ?? null,
    met: bar?.met(measured) ?? null,
  }
}
