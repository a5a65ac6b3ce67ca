// The history's database: SQLite by way of libsql (better-sqlite3's API). Opened with care, since the file may be anybody's, or
// damaged; https://www.sqlite.org/security.html, "Untrusted SQLite Database Files". docs/history.md.
import { createRequire } from "node:module";
import type Sqlite from "libsql";
import { DatabaseError, InputError } from "../model/errors.js";
import { APPLICATION_ID, MIGRATIONS } from "./history-schema.js";

/** What a column may hold, as it is given to SQLite. */
export type SqlValue = number | string | Uint8Array | null;

/** A row, with its columns by name; who takes one out looks what it is. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** How the database is opened. */
export interface OpenOptions {
  /** How long a call waits for another writer. */
  readonly busyMs: number;
  /** The steps of the schema; another list only in tests. */
  readonly migrations?: readonly string[];
}

/** An open history. Every error is one of ours. */
export class HistoryDatabase {
  readonly path: string;
  readonly #sqlite: Sqlite.Database;
  readonly #statements: Map<string, Sqlite.Statement> = new Map();

  private constructor(path: string, sqlite: Sqlite.Database) {
    this.path = path;
    this.#sqlite = sqlite;
  }

  /**
   * Opens a file that is there; one without a byte becomes a history.
   *
   * @throws InputError when it is no history, damaged, or of a newer version
   * @throws DatabaseError when it cannot be opened now
   */
  static open(path: string, { busyMs, migrations = MIGRATIONS }: OpenOptions): HistoryDatabase {
    const Database = loadSqlite();
    let sqlite: Sqlite.Database;
    try {
      sqlite = new Database(path, { timeout: busyMs });
    } catch (error) {
      throw new DatabaseError(`${path}: cannot be opened as a database`, { cause: error });
    }
    const database = new HistoryDatabase(path, sqlite);
    try {
      database.#prepare(migrations);
    } catch (error) {
      database.close();
      throw error;
    }
    return database;
  }

  /** How long a call waits from now on until another writer is done. */
  setBusyMs(busyMs: number): void {
    this.#sqlite.pragma(`busy_timeout = ${Math.round(busyMs)}`);
  }

  /** The rows that a query finds. */
  all(sql: string, values: readonly SqlValue[] = []): readonly SqlRow[] {
    // Always one list: libsql takes a blob or null that stands alone for a set of named values.
    return this.#call(() => this.#statement(sql).all([...values]) as readonly SqlRow[]);
  }

  /** Its first row; undefined where there is none. */
  first(sql: string, values: readonly SqlValue[] = []): SqlRow | undefined {
    return this.#call(() => this.#statement(sql).get([...values]) as SqlRow | undefined);
  }

  /** Changes something; the number of the row that was inserted last. */
  run(sql: string, values: readonly SqlValue[] = []): number {
    return this.#call(() => Number(this.#statement(sql).run([...values]).lastInsertRowid));
  }

  /** Runs statements that take no values. */
  execute(sql: string): void {
    this.#call(() => this.#sqlite.exec(sql));
  }

  /** Does everything or nothing. */
  transaction<Value>(work: () => Value): Value {
    this.execute("BEGIN IMMEDIATE");
    try {
      const value = work();
      this.execute("COMMIT");
      return value;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  /** Waits until the disk has everything, and makes the database one file again, if nobody else reads it just now. */
  checkpoint(): void {
    this.all("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  close(): void {
    this.#statements.clear();
    this.#sqlite.close();
  }

  /** A transaction that SQLite has given up itself (a full disk) cannot be given up again. */
  #rollBack(): void {
    if (this.#sqlite.inTransaction) this.execute("ROLLBACK");
  }

  #statement(sql: string): Sqlite.Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#sqlite.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #call<Value>(call: () => Value): Value {
    try {
      return call();
    } catch (error) {
      throw asOurs(error, this.path);
    }
  }

  #prepare(migrations: readonly string[]): void {
    // What stands in the schema of a file that somebody else made must not do more than a query does.
    this.execute("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON");
    this.#refuseStranger(migrations.length);
    this.all("PRAGMA journal_mode = WAL");
    // The page cache outlives a process that is killed; against the end of the whole machine checkpoints are synchronized.
    this.execute("PRAGMA synchronous = NORMAL");
    if (this.#version() === migrations.length) return;
    this.transaction(() => {
      this.#refuseStranger(migrations.length); // another process may have been here meanwhile
      for (const step of migrations.slice(this.#version())) this.execute(step);
      this.execute(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${migrations.length}`);
    });
  }

  #refuseStranger(newest: number): void {
    const id = this.first("PRAGMA application_id")?.application_id;
    const version = this.#version();
    const isEmpty = this.first("SELECT 1 FROM sqlite_schema") === undefined;
    if (id !== APPLICATION_ID && !(isEmpty && id === 0 && version === 0)) {
      throw new InputError("this is a database of another program, and no history", { file: this.path });
    }
    if (version > newest) {
      const hint = "use that version, or name another file: --history-file FILE";
      throw new InputError(`a newer version of postern made this history (schema ${version})`, this.#place, { hint });
    }
  }

  get #place(): { readonly file: string } {
    return { file: this.path };
  }

  #version(): number {
    return Number(this.first("PRAGMA user_version")?.user_version);
  }
}

type SqliteConstructor = new (path: string, options: { readonly timeout: number }) => Sqlite.Database;

/** An optional package: its binaries are for fewer systems than postern. */
function loadSqlite(): SqliteConstructor {
  try {
    // A CommonJS package of one binary: require() finds it faster than import does.
    return createRequire(import.meta.url)("libsql") as SqliteConstructor;
  } catch (error) {
    throw new DatabaseError("the history needs the npm package libsql, which is not there for this system", {
      hint: "npm install libsql, if there is a binary for it; everything else works without",
      cause: error,
    });
  }
}

/** What SQLite says, as an error of ours; every other error as it is. */
function asOurs(error: unknown, file: string): unknown {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  if (!(error instanceof Error) || !code.includes("SQLITE")) return error;
  const options = { cause: error };
  const has = (...names: readonly string[]): boolean => names.some((name) => code.startsWith(`SQLITE_${name}`));
  if (has("BUSY", "LOCKED")) {
    return new DatabaseError(`${file}: another program holds this history`, { ...options, isBusy: true });
  }
  if (has("FULL")) return new DatabaseError(`${file}: the disk is full`, options);
  if (has("READONLY", "PERM", "CANTOPEN")) return new DatabaseError(`${file}: cannot be written`, options);
  if (has("IOERR")) return new DatabaseError(`${file}: the disk cannot be read or written (${code})`, options);
  if (has("NOTADB")) return new InputError("this is no database, and no history", { file }, options);
  // "SQL logic error" is what a query says that finds no such table: somebody has changed the schema.
  const hint = "postern history import reads exported scans into a new one: --history-file FILE";
  return new InputError(`this history is damaged (${error.message})`, { file }, { ...options, hint });
}
