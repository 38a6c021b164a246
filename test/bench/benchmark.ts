import { median } from './figures.ts'

/**
 * One measurement: the product, the raw limit on the same work and peers. Their runs alternate, so that a machine that
 * slows down slows all of them: ratios can be compared between machines, figures cannot.
 */
export interface Benchmark {
  /** The case, such as `append`; a case may have several measurements. */
  readonly name: string
  readonly what: string
  readonly unit: string
  readonly better: 'higher' | 'lower'
  readonly ours: Candidate
  readonly raw: Candidate | null
  readonly peers: Readonly<Record<string, Candidate>>
  /** The goal, in words and as a condition on the ratios (ours divided by the other) and on our own figure. */
  readonly bar: { readonly text: string; readonly met: (measured: Measured) => boolean } | null
}

/** Does the work once; resolves to its figure in the benchmark's unit. */
export type Candidate = () => Promise<number>

export interface Measured {
  readonly ours: number
  readonly raw: number | null
  readonly peers: Readonly<Record<string, number>>
  readonly ratios: Readonly<Record<string, number>>
}

/** A row of `bench-results.json`. */
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

/** Counted runs of each candidate, after one to warm up. */
const runs = 5

const rounded = (figure: number): number => Number(figure.toPrecision(4))

/** Runs all candidates alternately, once to warm up and then five times. `progress` gets a line before each run. */
export const measure = async (benchmark: Benchmark, progress: (text: string) => void): Promise<Result> => {
  const candidates: Record<string, Candidate> = { ours: benchmark.ours, ...benchmark.peers }
  if (benchmark.raw !== null) candidates['raw'] = benchmark.raw
  const figures: Record<string, number[]> = {}
  for (let run = 0; run <= runs; run++) {
    for (const [name, candidate] of Object.entries(candidates)) {
      progress(`${benchmark.what}: ${run === 0 ? 'warm-up' : `run ${run} of ${runs}`}, ${name}`)
      const figure = await candidate()
      if (run > 0) (figures[name] ??= []).push(rounded(figure))
    }
  }
  const of = (name: string): number => median(figures[name] ?? [])
  const others = Object.keys(candidates).filter((name) => name !== 'ours')
  const measured: Measured = {
    ours: of('ours'),
    raw: benchmark.raw === null ? null : of('raw'),
    peers: Object.fromEntries(Object.keys(benchmark.peers).map((name) => [name, of(name)])),
    ratios: Object.fromEntries(others.map((name) => [name, rounded(of('ours') / of(name))])),
  }
  const { name, what, unit, better, bar } = benchmark
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
