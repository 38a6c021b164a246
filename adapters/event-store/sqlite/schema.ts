import { randomInt } from 'node:crypto'
import type { Database } from 'better-sqlite3'

/**
 * The tables of the log; triggers refuse updates and deletes. Integer stream keys and BLOB ids nearly double the append
 * rate of text keys. Personal parts have a table of their own, so that they can be erased later while their digests stay
 * in the log (docs/adr/0008-event-parts-and-hashes.md).
 */
const first = `
  CREATE TABLE streams (key INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL REFERENCES streams (key),
    version INTEGER NOT NULL CHECK (version > 0),
    id BLOB NOT NULL CHECK (length(id) = 16),
    type TEXT NOT NULL,
    envelope TEXT NOT NULL,
    data TEXT NOT NULL,
    personal_digest BLOB NOT NULL CHECK (length(personal_digest) = 32),
    previous_hash BLOB NOT NULL CHECK (length(previous_hash) IN (0, 32)),
    hash BLOB NOT NULL CHECK (length(hash) = 32)
  ) STRICT;
  CREATE UNIQUE INDEX events_by_stream ON events (stream, version);
  CREATE UNIQUE INDEX events_by_id ON events (stream, id);

  CREATE TABLE personal (position INTEGER PRIMARY KEY, body TEXT NOT NULL, salt BLOB NOT NULL) STRICT;

  ${['streams', 'events', 'personal']
    .flatMap((table) =>
      ['UPDATE', 'DELETE'].map(
        (act) => `CREATE TRIGGER ${table}_no_${act.toLowerCase()} BEFORE ${act} ON ${table}
          BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;`,
      ),
    )
    .join('\n')}

  -- INSERT OR REPLACE deletes without firing delete triggers, so inserting over an existing row is refused too.
  CREATE TRIGGER streams_no_replace BEFORE INSERT ON streams
    WHEN EXISTS (SELECT 1 FROM streams WHERE key = NEW.key OR name = NEW.name)
    BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
  CREATE TRIGGER events_only_appended BEFORE INSERT ON events
    WHEN NEW.position <> (SELECT coalesce(max(position), 0) + 1 FROM events)
      OR EXISTS (SELECT 1 FROM events WHERE stream = NEW.stream AND version = NEW.version)
      OR EXISTS (SELECT 1 FROM events WHERE stream = NEW.stream AND id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
  CREATE TRIGGER personal_no_replace BEFORE INSERT ON personal
    WHEN EXISTS (SELECT 1 FROM personal WHERE position = NEW.position)
    BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
`

/** One entry for each schema version. A folder of an older version is migrated in one transaction. */
const migrations: readonly string[] = [first]

/** Migrates the log to the current schema version. @throws Error where a newer version wrote the folder. */
export const migrate = (db: Database): void => {
  const run = db.transaction(() => {
    const version = Number(db.pragma('user_version', { simple: true }))
    if (version > migrations.length) {
      throw new Error(
        `the data folder has log schema ${version}, and this version knows ${migrations.length}: run the newer ledgerdesk that wrote it`,
      )
    }
    // Tells an empty log from every other (docs/adr/0033-log-identity.md).
    if (version === 0) db.pragma(`application_id = ${randomInt(1, 2 ** 31)}`)
    for (const statements of migrations.slice(version)) db.exec(statements)
    db.pragma(`user_version = ${migrations.length}`)
  })
  run.immediate()
}
