/** What 99 of 100 stay below; of milliseconds, as a rule. */
export const p99 = (figures: readonly number[]): number =>
  figures.toSorted((a, b) => a - b)[Math.floor(figures.length * 0.99)] ?? Number.NaN

/** Milliseconds. */
export const timed = (work: () => void): number => {
  const started = performance.now()
  work()
  return performance.now() - started
}
