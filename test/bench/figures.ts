/** Calls `work` for 0 … count − 1, at most `width` calls at a time; resolves to calls per second. */
export const perSecond = async (count: number, width: number, work: (n: number) => Promise<void>): Promise<number> => {
  let next = 0
  const started = performance.now()
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: width }, worker))
  return (count * 1_000) / (performance.now() - started)
}

/** Milliseconds that `work` takes. */
export const timed = (work: () => void): number => {
  const started = performance.now()
  work()
  return performance.now() - started
}

const quantile = (figures: readonly number[], share: number): number =>
  figures.toSorted((a, b) => a - b)[Math.floor(figures.length * share)] ?? Number.NaN

export const median = (figures: readonly number[]): number => quantile(figures, 0.5)
export const p99 = (figures: readonly number[]): number => quantile(figures, 0.99)
