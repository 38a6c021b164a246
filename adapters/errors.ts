/** What can be read off a thrown thing, whatever it is. */

/** The code of an error of Node or SQLite, such as `ENOENT`; empty where it has none. */
export const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''

/** Its message, without a stack. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
