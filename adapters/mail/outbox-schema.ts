import type { Database } from 'better-sqlite3'
import { openDurable } from '../own-files.ts'

/**
 * What is to be sent, and what became of it, beside the log and outside the read models: a rebuild knows nothing of it.
 * A mail is named by what it tells (the events of one append) and whom; its words are made from the log at each attempt,
 * so nothing that people wrote lies here.
 */
const tables = `
  -- One row: where the mailer stands in the log. What was recorded up to \`silent\` (ISO time) is told to nobody.
  CREATE TABLE place (one INTEGER PRIMARY KEY CHECK (one = 1), position TEXT NOT NULL, silent TEXT NOT NULL) STRICT;

  CREATE TABLE mails (
    nth INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL UNIQUE,
    recipient TEXT NOT NULL,
    account TEXT,
    ticket TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    kinds TEXT NOT NULL,
    at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'noted', 'aside')),
    attempts INTEGER NOT NULL DEFAULT 0,
    due INTEGER NOT NULL,
    reason TEXT,
    changed INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX mails_due ON mails (state, due);
  CREATE INDEX mails_in_turn ON mails (ticket, recipient, nth) WHERE state IN ('waiting', 'sending');

  -- Tickets that a read model parked: what they tell is told once they are there again.
  CREATE TABLE held (ticket TEXT PRIMARY KEY, after TEXT NOT NULL) STRICT, WITHOUT ROWID;
`

const version = 1

/** `mail-cluster.db` is a copy of what the log of a cluster says. */
export type LedgerFile = 'mail.db' | 'mail-cluster.db'

/**
 * Opens the mailer's own file. Other processes may read it, and say what to try again. @throws Error where it cannot be
 * opened, or a newer version wrote it.
 */
export const openLedger = (folder: string, name: LedgerFile = 'mail.db'): Database =>
  openDurable(folder, name, (db) =>
    db
      .transaction(() => {
        const found = Number(db.pragma('user_version', { simple: true }))
        if (found > version) throw new Error(`${db.name} was written by a newer ledgerdesk`)
        if (found === version) return
        db.exec(tables)
        db.pragma(`user_version = ${version}`)
      })
      .immediate(),
  )

/** Whether every page and index of it is as SQLite wrote it. @throws where not even that can be read. */
export const isWhole = (ledger: Database): boolean => ledger.pragma('quick_check', { simple: true }) === 'ok'

/** What to say where it is not. */
export const mailDamage =
  'mail.db is damaged: no mail is sent. Put a backup in its place; or move it away, and mails begin with what happens from then on. Then start the server again'
