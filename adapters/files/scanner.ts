/** Looks at a file on the disk. `unknown`: it could not be asked, or did not answer in time; such a file stays closed. */
export type Scanner = (path: string) => Promise<'clean' | 'infected' | 'unknown'>

/** No scanner is configured: what passed the other checks is taken as clean. */
export const noScanner: Scanner = () => Promise.resolve('clean')
