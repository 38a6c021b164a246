/** Prints a line of results on stdout. */
export const print = (line: string): Promise<void> =>
  new Promise((resolve) => {
    if (process.stdout.write(`${line}\n`)) resolve()
    else process.stdout.once('drain', resolve)
  })

/** Ends the process with status 0 where the reader of stdout closes it early, as `| head` does. */
export const exitOnClosedPipe = (): void => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
}

/** Overwrites the current line of a terminal on stderr; prints nothing where stderr is no terminal. */
export const progressLine = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}

export const endProgress = (): void => progressLine('')

/** Seconds since a `performance.now()`, with milliseconds. */
export const elapsedSeconds = (started: number): number => Math.round(performance.now() - started) / 1000
