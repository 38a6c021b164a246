import type { Database } from 'better-sqlite3'
import { isWhole, openLedger, type LedgerFile } from '../../adapters/mail/outbox-schema.ts'
import { isDamage } from '../../adapters/errors.ts'

/** Opens the mailer's file; null, and closed again, where it is damaged. @throws Error as `openLedger` otherwise. */
export const openWholeLedger = (folder: string, name: LedgerFile): Database | null => {
  let ledger: Database | undefined
  try {
    ledger = openLedger(folder, name)
    if (isWhole(ledger)) return ledger
  } catch (error) {
    if (!isDamage(error)) throw error
  }
  ledger?.close()
  return null
}
