/** Prints a line of results on stdout. It resolves, too, where the line cannot be written. */
export const print = (line: string): Promise<void> =>
  new Promise((resolve) => {
    if (process.stdout.write(`${line}\n`, () => resolve())) resolve()
  })

/**
 * What happens where output cannot be written. A reader that closes stdout early, as `| head` does, has what it wants:
 * the process ends with status 0. Results that are lost for another reason are a failure. Messages on stderr may be lost.
 */
export const handleOutputErrors = (): void => {
  process.stderr.on('error', () => undefined)
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    process.stderr.write(`ledgerdesk: the results cannot be written to stdout: ${error.message}\n`, () =>
      process.exit(1),
    )
  })
}

/** A server goes on where nobody can read what it prints. */
export const ignoreOutputErrors = (): void => {
  process.stdout.removeAllListeners('error').on('error', () => undefined)
}

/** Overwrites the current line of a terminal on stderr; prints nothing where stderr is no terminal. */
export const progressLine = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}

export const endProgress = (): void => progressLine('')

/** Seconds since a `performance.now()`, with milliseconds. */
export const elapsedSeconds = (started: number): number => Math.round(performance.now() - started) / 1000
