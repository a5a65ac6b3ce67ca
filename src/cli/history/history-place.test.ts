import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InputError } from "../../model/errors.js";
import { historyFile, openHistory } from "./history-place.js";

const USER = 1000;
const STRANGER = 65_533;
const isRoot = process.getuid?.() === 0;

describe("historyFile", () => {
  const find = (environment: Record<string, string>, uid = USER) => historyFile({ named: undefined, environment }, uid);

  test("the file that was named, then the user's folder of state", () => {
    expect(historyFile({ named: "x.db", environment: {} }, 0)).toBe("x.db");
    expect(find({ XDG_STATE_HOME: "/s", HOME: "/h" })).toBe("/s/postern/history.db");
    expect(find({ XDG_STATE_HOME: "s", HOME: "/h" })).toBe("/h/.local/state/postern/history.db");
    expect(() => find({})).toThrow(InputError);
  });

  test("of root's no variable decides", () => {
    expect(find({ XDG_STATE_HOME: "/s", HOME: "/h" }, 0)).toBe("/var/lib/postern/history.db");
  });
});

describe("openHistory", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), "postern-place-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A folder of this mode. */
  function folderOf(mode: number): string {
    const made = mkdtempSync(path.join(folder, "d-"));
    chmodSync(made, mode);
    return made;
  }
  function open(file: string, purpose: "read" | "write" = "write"): void {
    openHistory({ named: file, environment: {} }, 0, purpose).close();
  }

  test("nobody else may read what was found", () => {
    const file = path.join(folderOf(0o755), "h.db");
    open(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(`${file}-wal`).mode & 0o777).toBe(0o600);
    open(file, "read");
  });

  test.skipIf(isRoot)("folders on the way to the usual place are made, for the user alone", () => {
    const state = path.join(folderOf(0o700), "a", "b");
    openHistory({ named: undefined, environment: { XDG_STATE_HOME: state } }, 0, "write").close();
    expect(statSync(path.join(state, "postern")).mode & 0o777).toBe(0o700);
  });

  test("a file that others may write is not taken, wherever it is", () => {
    const file = path.join(folderOf(0o700), "h.db");
    open(file);
    chmodSync(file, 0o666);
    expect(() => open(file)).toThrow("this history is not taken: everybody may write it");
  });

  test("nor one in a folder that others may write, be it sticky", () => {
    for (const mode of [0o777, 0o1777]) {
      const shared = folderOf(mode);
      expect(() => open(path.join(shared, "h.db"))).toThrow(`of the folder ${shared}, everybody may write it`);
    }
  });

  test("above it, a sticky folder is as good as one's own, and another is not", () => {
    const sticky = folderOf(0o1777);
    mkdirSync(path.join(sticky, "own"), { mode: 0o700 });
    open(path.join(sticky, "own", "h.db"));
    const shared = folderOf(0o777);
    mkdirSync(path.join(shared, "own"), { mode: 0o700 });
    expect(() => open(path.join(shared, "own", "h.db"))).toThrow(`of the folder ${shared}, everybody may write it`);
  });

  test("a link leads to what is looked at", () => {
    const shared = folderOf(0o777);
    const link = path.join(folderOf(0o700), "h.db");
    writeFileSync(path.join(shared, "h.db"), "", { mode: 0o600 });
    symlinkSync(path.join(shared, "h.db"), link);
    expect(() => open(link)).toThrow(`of the folder ${shared}`);
  });

  test.runIf(isRoot)("root takes nobody else's file or folder", () => {
    const file = path.join(folderOf(0o755), "h.db");
    open(file);
    chownSync(file, STRANGER, STRANGER);
    expect(() => open(file)).toThrow(`it belongs to another user (${STRANGER})`);
    const strange = folderOf(0o755);
    chownSync(strange, STRANGER, STRANGER);
    expect(() => open(path.join(strange, "h.db"))).toThrow(`of the folder ${strange}, it belongs to another user`);
  });

  test("where there is none, reading says how to get one", () => {
    const file = path.join(folderOf(0o700), "h.db");
    for (const missing of [file, path.join(file, "..", "none", "h.db")]) {
      expect(() => open(missing, "read")).toThrow(
        expect.objectContaining({
          code: "input",
          message: `${missing}: there is no history yet`,
          hint: "scan with --history, or import a report: postern history import FILE",
        }),
      );
    }
    expect(() => statSync(file)).toThrow("ENOENT");
  });

  test("a folder, and a folder that is not there", () => {
    const own = folderOf(0o700);
    expect(() => open(own)).toThrow("this is no file that a history can be in");
    expect(() => open(path.join(own, "none", "h.db"))).toThrow("cannot be used as a history: ENOENT");
  });
});
