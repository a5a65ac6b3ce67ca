import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { InputError } from "../model/errors.js";
import { encodeLine } from "./journal-line.js";
import { type Journal, readJournal } from "./journal-reader.js";
import { NOTHING_YET, RUN, resultsOf, temporaryFolder, thrownBy } from "./world.test.data.js";

const FOLDER = temporaryFolder();
const FILE = path.join(FOLDER, "scan.journal");

beforeEach(() => rmSync(FILE, { force: true }));
afterAll(() => rmSync(FOLDER, { recursive: true }));

describe("a file that is no journal", () => {
  const header = { type: "journal", format: 1, ...RUN, plan: {} };

  function messageFor(text: string): unknown {
    writeFileSync(FILE, text);
    const error = thrownBy(() => readJournal(FILE));
    expect(error).toBeInstanceOf(InputError);
    return error instanceof Error ? error.message.slice(FILE.length) : undefined;
  }

  it("is refused with file and line", () => {
    expect(messageFor("")).toBe(":1: the file is empty: there is no scan to go on with");
    expect(messageFor("# Nmap 7 scan\n")).toBe(":1: this is no journal and no report of a scan");
    expect(messageFor(encodeLine(["journal"]))).toBe(":1: this is no journal and no report of a scan");
    expect(messageFor(encodeLine(header).slice(0, 40))).toBe(":1: the first line is not whole");
    expect(messageFor(encodeLine(header).replace("0.1.0", "0.1.1"))).toBe(
      ":1: the plan is damaged: the checksum does not fit",
    );
    expect(messageFor(encodeLine({ ...header, format: 2, more: 1 }))).toBe(
      ":1: journals of format 2 are not known, only 1",
    );
    for (const plan of [[], 7, null, { $bytes: 7 }, { $bytes: "AA==" }, { a: { $more: 1 } }]) {
      expect(messageFor(encodeLine({ ...header, plan }))).toBe(":1: the plan cannot be understood");
    }
    expect(messageFor(encodeLine({ ...header, words: "-p 1" }))).toBe(":1: the plan cannot be understood");
  });

  it("is refused if it is not there, or no file", () => {
    expect(thrownBy(() => readJournal(FILE))).toHaveProperty(
      "message",
      `${FILE}: cannot be read: ENOENT, no such file`,
    );
    expect(thrownBy(() => readJournal(FOLDER))).toHaveProperty(
      "message",
      `${FOLDER}: this is no file that a journal can be in`,
    );
  });
});

describe("a hostile journal", () => {
  const host = { id: 1, address: "10.0.0.1", family: 4, otherAddresses: [], status: "up", reason: "user-set" };
  const result = { protocol: "tcp", state: "open", reason: "syn-ack", technique: "tcp-syn", tries: 1 };

  function read(...records: readonly unknown[]): Journal {
    writeFileSync(FILE, [{ type: "journal", format: 1, ...RUN, plan: {} }, ...records].map(encodeLine).join(""));
    return readJournal(FILE);
  }

  it("has every record that cannot be counted as damage", () => {
    const bad: readonly unknown[] = [
      null,
      7,
      [],
      {},
      { type: "__proto__" },
      { type: "toString" },
      { type: "journal", format: 1, ...RUN, plan: {} },
      { type: "host", host: { ...host, family: 5 } },
      { type: "host", host: { ...host, id: -1 } },
      { type: "host", host: { ...host, id: 2 ** 53 } },
      { type: "host", host: { ...host, reason: "constructor" } },
      { type: "host", host: { ...host, more: 1 } },
      { type: "host-names", hostId: 1, names: "a" },
      { type: "ports", hostId: 1, result, ports: "1-65536" },
      { type: "ports", hostId: 1, result, ports: "5-4" },
      { type: "ports", hostId: 1, result, ports: "5,5" },
      { type: "ports", hostId: 1, result, ports: "1e3" },
      { type: "ports", hostId: 1, result: { ...result, ttl: 256 }, ports: "1" },
      { type: "ports", hostId: 1, result, ports: "1", rttsUs: [-1] },
      { type: "silence", hostId: 1, protocol: "tcp", tries: 255, ports: "1" },
      { type: "silence", hostId: 1, protocol: "icmp", tries: 1, ports: "1" },
      { type: "finished", hosts: "0-9007199254740992", ended: "", up: "" },
    ];
    const journal = read(...bad);
    expect(journal.lost).toMatchObject({ lineCount: bad.length, cutBytes: 0 });
    expect(journal.lost.lines).toHaveLength(10);
    expect(journal.resume).toEqual(NOTHING_YET);
    expect([...journal.events()]).toEqual([]);
  });

  it("cannot make endless work of ranges", () => {
    const all = "0-9007199254740991";
    const journal = read(
      { type: "host", host },
      { type: "finished", hosts: all, ended: "", up: all },
      { type: "finished", hosts: all, ended: all, up: "" },
      { type: "finished", hosts: "5-9007199254740991", ended: "", up: "" },
    );
    expect(journal.resume).toMatchObject({ finished: [[5, 2 ** 53 - 1]], hosts: [{ hostId: 1 }] });
    expect(journal.lost.doubtCount).toBe(1);
  });

  it("tells each port once", () => {
    const ports = { type: "ports", hostId: 1, result, ports: "1-3", rttsUs: [1, 2] };
    const journal = read({ type: "host", host }, { ...ports, ports: "2" }, ports, ports, { type: "host", host });
    const told = resultsOf(journal.events()).filter((text) => text.includes("/tcp"));
    expect(told).toHaveLength(3);
    expect(journal.told.get(1)).toEqual({ ports: 3, names: 0, hops: 0 });
  });

  it("may hold anything at all behind its header", () => {
    const values = fc.oneof(
      fc.jsonValue(),
      fc.record({ type: fc.constantFrom("host", "ports", "done"), host: fc.jsonValue() }),
    );
    fc.assert(
      fc.property(fc.array(values), fc.uint8Array(), (records, rest) => {
        read(...records);
        appendFileSync(FILE, rest);
        const journal = readJournal(FILE);
        expect([...journal.events()]).toEqual([]);
        expect(journal.resume).toEqual(NOTHING_YET);
      }),
      { seed: 4 },
    );
  });

  it("may not have lines that fill the memory", () => {
    read({ type: "host", host });
    appendFileSync(
      FILE,
      `${"x".repeat(17 * 1024 * 1024)}\n${encodeLine({ type: "ports", hostId: 1, result, ports: "9" })}`,
    );
    const journal = readJournal(FILE);
    expect(journal.lost.lines).toEqual([{ number: 3, fault: "too long" }]);
    expect(journal.told.get(1)?.ports).toBe(1);
  });
});
