import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import type Sqlite from "libsql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DatabaseError, InputError } from "../model/errors.js";
import { HistoryFolder, hostDone, keepScan, NO_WAIT, NOON_MS, openPorts, upHost } from "./history.test.data.js";
import { HistoryDatabase } from "./history-database.js";
import { historyEvents } from "./history-reader.js";
import { findScans } from "./history-scans.js";
import { APPLICATION_ID, MIGRATIONS } from "./history-schema.js";

const PAGE_BYTES = 4096;

let folder: HistoryFolder;
beforeAll(() => {
  folder = new HistoryFolder();
});
afterAll(() => folder.remove());

function complaint(file: string, migrations?: readonly string[]): Error {
  try {
    HistoryDatabase.open(file, migrations === undefined ? NO_WAIT : { ...NO_WAIT, migrations }).close();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  return new Error("nothing");
}

/** SQLite without any care. */
function plainly(file: string, sql: string): void {
  const Database = createRequire(import.meta.url)("libsql") as new (path: string) => Sqlite.Database;
  const database = new Database(file);
  database.exec(sql);
  database.close();
}

describe("migrations", () => {
  test("an empty file becomes a history", () => {
    const database = folder.open();
    expect(database.first("PRAGMA user_version")).toMatchObject({ user_version: MIGRATIONS.length });
    expect(database.first("PRAGMA application_id")).toMatchObject({ application_id: APPLICATION_ID });
    expect(database.first("PRAGMA journal_mode")).toMatchObject({ journal_mode: "wal" });
  });

  const NEXT = [...MIGRATIONS, "ALTER TABLE scan ADD COLUMN note TEXT; CREATE TABLE tag (name TEXT) STRICT"];

  test("an older one is brought up to date, with all that is in it; then it is a newer one for the older program", () => {
    const file = folder.file();
    const id = keepScan(folder.open(file), NOON_MS, [upHost(0, "10.0.0.1"), openPorts(0, [22]), hostDone(0)]);
    const newer = HistoryDatabase.open(file, { ...NO_WAIT, migrations: NEXT });
    expect(newer.first("SELECT id, note FROM scan")).toMatchObject({ id, note: null });
    expect([...historyEvents(newer, id)].map(({ type }) => type)).toContain("port-run");
    newer.close();
    const error = complaint(file);
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toBe(
      `${file}: a newer version of postern made this history (schema ${MIGRATIONS.length + 1})`,
    );
  });

  test("a step that fails leaves everything as it was", () => {
    const file = folder.file();
    const id = keepScan(folder.open(file), NOON_MS, []);
    const broken = [...MIGRATIONS, "CREATE TABLE tag (name TEXT); CREATE TABLE tag (name TEXT)"];
    expect(complaint(file, broken).message).toContain("already exists");
    const database = folder.open(file);
    expect([...findScans(database, {}, NOON_MS)].map((scan) => scan.id)).toEqual([id]);
    expect(database.first("SELECT 1 FROM sqlite_schema WHERE name = 'tag'")).toBeUndefined();
  });
});

describe("a file that is no history", () => {
  test.each([
    ["text", "This is no database, but it is long enough to be looked at. ".repeat(100)],
    ["a report", `<?xml version="1.0"?>\n<nmaprun scanner="nmap">${" ".repeat(2000)}`],
    ["zeros", new Uint8Array(8192)],
  ])("%s", (_what, bytes) => {
    const file = folder.file(bytes);
    expect(complaint(file)).toBeInstanceOf(InputError);
    expect(complaint(file).message).toMatch(/: this is no database, and no history$/);
    expect(readFileSync(file)).toEqual(Buffer.from(bytes));
  });

  test("another program's database stays as it is", () => {
    const file = folder.file();
    plainly(file, "CREATE TABLE cookies (name TEXT)");
    const before = readFileSync(file);
    expect(complaint(file).message).toBe(`${file}: this is a database of another program, and no history`);
    expect(readFileSync(file)).toEqual(before);
  });

  test("one that only says that it is a history", () => {
    const file = folder.file();
    plainly(file, `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}`);
    const database = folder.open(file);
    expect(() => [...findScans(database, {}, NOON_MS)]).toThrow(InputError);
    expect(() => [...findScans(database, {}, NOON_MS)]).toThrow("this history is damaged (no such table: scan)");
  });
});

describe("a damaged history", () => {
  const hosts = Array.from({ length: 300 }, (_, id) => [upHost(id, `10.0.${id >> 8}.${id & 255}`), hostDone(id)]);

  /** A history of some scans, with what became of its bytes. */
  function damaged(change: (bytes: Buffer) => Buffer): string {
    const file = folder.file();
    const database = HistoryDatabase.open(file, NO_WAIT);
    for (const day of [0, 1, 2]) keepScan(database, NOON_MS + day * 86_400_000, hosts.flat());
    database.checkpoint();
    database.close();
    const other = folder.file();
    writeFileSync(other, change(readFileSync(file)));
    return other;
  }

  /** Everything is read; what is said, or nothing. */
  function readAll(file: string): string {
    let database: HistoryDatabase | undefined;
    try {
      database = HistoryDatabase.open(file, NO_WAIT);
      for (const { id } of findScans(database, {}, NOON_MS)) for (const _event of historyEvents(database, id));
      const first = Uint8Array.of(10, 0, 0, 0);
      const last = Uint8Array.of(10, 0, 255, 255);
      for (const _scan of findScans(database, { host: { first, last } }, NOON_MS));
      return "nothing";
    } catch (error) {
      if (error instanceof InputError || error instanceof DatabaseError) return error.message;
      throw error;
    } finally {
      database?.close();
    }
  }

  test("pages that were overwritten are told, whichever they are", () => {
    const told = new Set<string>();
    let pageCount = 2;
    for (let page = 1; page < pageCount; page++) {
      const file = damaged((bytes) => {
        pageCount = bytes.length / PAGE_BYTES;
        return bytes.fill(0xa5, page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
      });
      told.add(readAll(file).replace(file, "FILE"));
    }
    expect([...told].join("\n")).toContain("FILE: this history is damaged (database disk image is malformed)");
  });

  test("a file that was cut is told", () => {
    for (const share of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      const cut = damaged((bytes) => bytes.subarray(0, Math.floor(bytes.length * share)));
      expect(readAll(cut)).toMatch(/damaged|no history/);
    }
  });

  test("records that were changed are told with their place", () => {
    const database = folder.open();
    const id = keepScan(database, NOON_MS, [upHost(0, "10.0.0.1"), hostDone(0)]);
    database.run("UPDATE block SET records = ? WHERE scan_id = ?", [Uint8Array.of(1, 2, 3), id]);
    expect(() => [...historyEvents(database, id)]).toThrow(`scan ${id} is damaged in block 0: it cannot be unpacked`);
  });
});

describe("two writers", () => {
  test("one waits for the other, or is told, and nothing is lost", () => {
    const file = folder.file();
    const [one, other] = [folder.open(file), folder.open(file)];
    one.execute("BEGIN IMMEDIATE");
    const error = (() => {
      try {
        other.transaction(() => other.run("DELETE FROM scan"));
      } catch (thrown) {
        return thrown;
      }
      return undefined;
    })();
    expect(error).toBeInstanceOf(DatabaseError);
    expect(error).toMatchObject({ isBusy: true, message: `${file}: another program holds this history` });
    one.execute("COMMIT");
    expect(keepScan(other, NOON_MS, [])).toBe(1);
    expect(keepScan(one, NOON_MS, [])).toBe(2);
  });
});

test("a full disk is told, and what was there before stays", () => {
  const file = folder.file();
  const database = folder.open(file);
  keepScan(database, NOON_MS, []);
  const pages = Number(database.first("PRAGMA page_count")?.page_count);
  database.execute(`PRAGMA max_page_count = ${pages + 2}`);
  const hosts = Array.from({ length: 5000 }, (_, id) => upHost(id, `10.0.${id >> 8}.${id & 255}`));
  expect(() => keepScan(database, NOON_MS, hosts)).toThrow(`${file}: the disk is full`);
  expect([...findScans(database, {}, NOON_MS)].map(({ id }) => id)).toEqual([1]);
});
