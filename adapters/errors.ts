/** The code of an error of Node or SQLite, such as `ENOENT`; empty where the thrown value has none. */
export const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''

/** The message of a thrown value, without its stack. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Whether a SQLite file itself is broken. */
export const isDamage = (error: unknown): boolean =>
  /^SQLITE_(CORRUPT|NOTADB|IOERR_SHORT_READ|READONLY_DBMOVED)/.test(codeOf(error))

/**
 * Whether the machine is at fault and no value that was written: the disk is full, the file is locked or broken. What
 * SQLite says about values is not.
 */
export const isMachineTrouble = (error: unknown): boolean =>
  /^SQLITE_(?!CONSTRAINT|MISMATCH|TOOBIG|RANGE|ERROR)/.test(codeOf(error))
