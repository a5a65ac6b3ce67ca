// The tables of the history (docs/history.md), as steps that a database has gone through. A step that was ever released is
// never changed: what is to be otherwise is a step of its own.

/** What marks a SQLite database as a history of ours (PRAGMA application_id): "pstn". */
export const APPLICATION_ID = 0x7073_746e;

/** Scans, what they told, and by what they are looked for. Numbers of hosts are those of the scan. */
const SCANS = `
CREATE TABLE scan (
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- never given again, so that @12 means what it meant
  origin TEXT NOT NULL CHECK (origin IN ('scan', 'import')),
  started_at_ms INTEGER NOT NULL,
  ended_at_ms INTEGER, -- NULL while it runs, and for ever when it was killed
  seen_at_ms INTEGER NOT NULL, -- when its writer last said that it is there
  exit_status INTEGER, -- NULL for a report that was imported
  is_aborted INTEGER NOT NULL DEFAULT 0,
  vantage TEXT NOT NULL, -- the machine that scanned; '' where nobody knows
  scanner TEXT NOT NULL,
  version TEXT NOT NULL,
  command TEXT NOT NULL, -- '' where nobody knows
  plan BLOB, -- deflated JSON; NULL where there is none, or it is too long
  host_count INTEGER NOT NULL DEFAULT 0, -- hosts that are up
  open_count INTEGER NOT NULL DEFAULT 0 -- open ports over all hosts
) STRICT;
CREATE INDEX scan_by_start ON scan (started_at_ms, id);

CREATE TABLE block (
  scan_id INTEGER NOT NULL REFERENCES scan,
  number INTEGER NOT NULL, -- from 0 on, without a gap
  records BLOB NOT NULL, -- deflated lines of JSON
  PRIMARY KEY (scan_id, number)
) STRICT;

CREATE TABLE open_port (
  scan_id INTEGER NOT NULL REFERENCES scan,
  protocol TEXT NOT NULL,
  ports TEXT NOT NULL, -- of all hosts together: '22,80,8000-8010'
  PRIMARY KEY (scan_id, protocol)
) STRICT, WITHOUT ROWID;

CREATE TABLE host (
  scan_id INTEGER NOT NULL REFERENCES scan,
  number INTEGER NOT NULL,
  address BLOB NOT NULL, -- 4 or 16 bytes in network order
  PRIMARY KEY (scan_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX host_by_address ON host (address, scan_id);

CREATE TABLE host_name (
  scan_id INTEGER NOT NULL REFERENCES scan,
  number INTEGER NOT NULL,
  name TEXT NOT NULL, -- in lower case
  PRIMARY KEY (scan_id, number, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX host_name_by_name ON host_name (name, scan_id);

CREATE TABLE host_port (
  scan_id INTEGER NOT NULL REFERENCES scan,
  number INTEGER NOT NULL,
  protocol TEXT NOT NULL,
  ports TEXT NOT NULL, -- open ones
  PRIMARY KEY (scan_id, number, protocol)
) STRICT, WITHOUT ROWID;

CREATE TABLE service (
  scan_id INTEGER NOT NULL REFERENCES scan,
  number INTEGER NOT NULL,
  protocol TEXT NOT NULL,
  port INTEGER NOT NULL,
  words TEXT NOT NULL, -- name, product and version in lower case
  PRIMARY KEY (scan_id, number, protocol, port)
) STRICT, WITHOUT ROWID;
`;

/** Audits, and what watches know (docs/watch.md). */
const WATCHES = `
CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- a number of its own: scans have others
  started_at_ms INTEGER NOT NULL,
  ended_at_ms INTEGER NOT NULL,
  vantage TEXT NOT NULL, -- the machine that audited
  version TEXT NOT NULL,
  command TEXT NOT NULL,
  finding_count INTEGER NOT NULL, -- those that are not accepted
  report BLOB NOT NULL -- deflated JSON
) STRICT;
CREATE INDEX audit_by_start ON audit (started_at_ms, id);

CREATE TABLE watch (
  name TEXT PRIMARY KEY,
  subject TEXT NOT NULL CHECK (subject IN ('scan', 'audit')),
  words TEXT NOT NULL, -- JSON: with other words it is another watch
  ran_at_ms INTEGER NOT NULL, -- when its last run began
  belief BLOB NOT NULL -- deflated: what is believed, to be compared with
) STRICT, WITHOUT ROWID;
`;

/** The steps, in order; their number is the version of the schema (PRAGMA user_version). */
export const MIGRATIONS: readonly string[] = [SCANS, WATCHES];

/** The tables that have rows of a scan, beside its own. */
export const SCAN_TABLES: readonly string[] = ["block", "open_port", "host", "host_name", "host_port", "service"];
