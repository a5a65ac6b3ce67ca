import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { readJournal } from "./journal-reader.js";
import { temporaryFolder } from "./world.test.data.js";

const FOLDER = temporaryFolder();
const FILE = path.join(FOLDER, "scan.journal");
const SAID = path.join(FOLDER, "said");

beforeEach(() => rmSync(FILE, { force: true }));
afterAll(() => rmSync(FOLDER, { recursive: true }));

function urlOf(name: string): string {
  return JSON.stringify(pathToFileURL(path.join(import.meta.dirname, name)).href);
}

describe("a process that writes a journal", () => {
  /** Writes ports of host 0, one a line, until it ends. Says each port when it has been handed to the kernel. */
  const PROGRAM = `
    import { writeSync } from "node:fs";
    const { JournalWriter } = await import(${urlOf("journal-writer.ts")});
    const { portRun, SMALL_WORLD, tell } = await import(${urlOf("world.test.data.ts")});
    const writer = JournalWriter.create(process.argv[1], { version: "1", startedAt: "", words: [], plan: {} });
    for (const event of tell(SMALL_WORLD.slice(0, 1), { finished: [], hosts: [] })) if (event.type === "host") writer.take(event);
    try {
      for (let port = 0; port < 65536; port++) {
        writer.take(portRun(0, "tcp", [port]));
        writer.flush();
        writeSync(1, port + "\\n");
      }
    } catch (error) {
      writer.take(portRun(0, "tcp", [1]));
      writer.close();
      writeSync(1, error.code + " " + error.call + "\\n");
    }`;
  const WORDS = ["--import", "tsx", "--input-type=module", "--eval", PROGRAM, FILE];

  it("loses nothing when it is killed", { timeout: 30_000 }, async () => {
    // A pipe may be full; a file never is.
    const output = openSync(SAID, "w");
    const child = spawn(process.execPath, WORDS, { stdio: ["ignore", output, "inherit"] });
    const ended = once(child, "exit");
    for (let waits = 0; statSync(SAID).size < 2000 && waits < 2000; waits++) await setTimeout(10);
    child.kill("SIGKILL");
    await ended;
    closeSync(output);
    const count = readFileSync(SAID, "utf8").split("\n").length - 1;
    expect(count).toBeGreaterThan(100);
    const journal = readJournal(FILE);
    const ports = journal.told.get(0)?.ports ?? 0;
    // The last one may have been written without having been said.
    expect(ports - count).toBeGreaterThanOrEqual(0);
    expect(ports - count).toBeLessThanOrEqual(1);
    expect(journal.resume.hosts[0]?.decided).toEqual([{ protocol: "tcp", ranges: [[0, ports - 1]] }]);
    expect(journal.lost.lineCount).toBe(0);
  });

  it("says so once when there is no room left, and what is there stays good", { timeout: 30_000 }, async () => {
    // A limit of 8 blocks of 512 bytes: the write fails with EFBIG as it would with ENOSPC.
    const limited = ["-c", 'ulimit -f 8 && exec "$@"', "sh", process.execPath, ...WORDS];
    const { stdout } = await promisify(execFile)("sh", limited);
    expect(stdout).toMatch(/\nsystem-call write\n$/);
    const { told, lost, wholeBytes } = readJournal(FILE);
    expect(told.get(0)?.ports).toBe(stdout.split("\n").length - 2);
    expect(lost).toMatchObject({ cutBytes: 4096 - wholeBytes, lineCount: 0, doubtCount: 0 });
  });
});
