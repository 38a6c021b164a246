import { codeOf } from '../../adapters/errors.ts'

/** The file itself is broken and has to be made again from the log. */
export const isDamage = (error: unknown): boolean =>
  /^SQLITE_(CORRUPT|NOTADB|IOERR_SHORT_READ|READONLY_DBMOVED)/.test(codeOf(error))

/**
 * Something that no event is to blame for: the disk is full, the file is locked or broken. What SQLite says of the
 * values that it was given is the event's.
 */
export const isMachineTrouble = (error: unknown): boolean =>
  /^SQLITE_(?!CONSTRAINT|MISMATCH|TOOBIG|RANGE|ERROR)/.test(codeOf(error))
