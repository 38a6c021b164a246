/** How long to wait after a failure, in ms: `firstMs`, then twice as long each time, up to `mostMs`. */
export interface Backoff {
  readonly firstMs: number
  readonly mostMs: number
}

/** The upper half of it is left to chance (`random`: 0 to 1), so that those who failed together do not return together. */
export const backoff = ({ firstMs, mostMs }: Backoff, failures: number, random: number): number => {
  const whole = Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, 30))
  return Math.round(whole / 2 + (whole / 2) * random)
}
