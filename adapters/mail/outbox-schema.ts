import type { Database } from 'better-sqlite3'
import { openDurable } from '../own-files.ts'

/**
 * The outbox: what is to be sent and how it ended, beside the log and outside the read models, so that a rebuild sends
 * nothing again. A mail is identified by the events of one append and its recipient; its text is composed from the log
 * at each attempt, so nothing that people wrote is stored here.
 */
const tables = `
  -- One row: how far the log was read. No mail is sent for events recorded up to \`silent\` (ISO time).
  CREATE TABLE place (one INTEGER PRIMARY KEY CHECK (one = 1), position TEXT NOT NULL, silent TEXT NOT NULL) STRICT;

  -- A dead letter has the state 'aside'.
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

  -- Tickets that the notifications read model parked: their mails are queued once it has caught up with them.
  CREATE TABLE held (ticket TEXT PRIMARY KEY, after TEXT NOT NULL) STRICT, WITHOUT ROWID;
`

/**
 * Events up to which the log was read, the later the denser; the last one stands at the file's position
 * (docs/adr/0033-log-identity.md). `beside` is the id of the empty log beside which the file was made.
 */
const anchors = `
  ALTER TABLE place ADD COLUMN beside TEXT NOT NULL DEFAULT '';
  CREATE TABLE anchors (
    nth INTEGER PRIMARY KEY,
    log TEXT NOT NULL,
    position TEXT NOT NULL,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
`

/** One entry for each version of the file. */
const migrations: readonly string[] = [tables, anchors]

/** `mail.db` is the record of a data folder; `mail-cluster.db` is a working copy of the outbox log on a cluster. */
export type OutboxFile = 'mail.db' | 'mail-cluster.db'

/**
 * Opens the file of an outbox, and makes its tables where there are none. Other processes may read it, and set mails to
 * be tried again. @throws Error where it cannot be opened, or a newer version wrote it.
 */
export const openOutboxFile = (folder: string, name: OutboxFile = 'mail.db'): Database =>
  openDurable(folder, name, (db) =>
    db
      .transaction(() => {
        const found = Number(db.pragma('user_version', { simple: true }))
        if (found > migrations.length) throw new Error(`${db.name} was written by a newer ledgerdesk`)
        for (const statements of migrations.slice(found)) db.exec(statements)
        db.pragma(`user_version = ${migrations.length}`)
      })
      .immediate(),
  )

/** Whether every page and index is as SQLite wrote it. @throws where not even that can be read. */
export const passesQuickCheck = (db: Database): boolean => db.pragma('quick_check', { simple: true }) === 'ok'

/** What to log where it is not. */
export const mailDamage =
  'mail.db is damaged: no mail is sent. Put a backup in its place; or move it away, and mails begin with what is recorded from then on. Then start the server again'
