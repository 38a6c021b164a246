/** A pause that can be ended early; one at a time. */
export interface Pause {
  /** Resolves after `ms` milliseconds, or at `end`. With `isUnref` it alone keeps no process alive. */
  readonly start: (ms: number, isUnref?: boolean) => Promise<void>
  /** Ends the pause under way, if there is one; later ones are not affected. */
  readonly end: () => void
}

export const endablePause = (): Pause => {
  let end: () => void = () => undefined
  return {
    start: (ms, isUnref = false) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms)
        if (isUnref) timer.unref()
        end = () => {
          clearTimeout(timer)
          resolve()
        }
      }),
    end: () => end(),
  }
}
