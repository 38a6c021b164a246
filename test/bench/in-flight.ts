/** Calls `work` for 0 … count − 1 with so many under way at once; answers calls a second. */
export const perSecond = async (count: number, width: number, work: (n: number) => Promise<void>): Promise<number> => {
  let next = 0
  const started = performance.now()
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: width }, worker))
  return (count * 1_000) / (performance.now() - started)
}
