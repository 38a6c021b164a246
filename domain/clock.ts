/** Effects that come in as values, so that every test runs on its own clock and seed. Times in ms since 1970. */
export interface Clock {
  readonly now: () => number
}
