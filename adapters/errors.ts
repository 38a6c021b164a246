/** The code of an error of Node or SQLite, such as `ENOENT`; empty where the thrown value has none. */
export const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''

/** The message of a thrown value, without its stack. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
