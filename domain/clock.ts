/** The time as a port, in ms since 1970, so that a test runs on its own clock. */
export interface Clock {
  readonly now: () => number
}
