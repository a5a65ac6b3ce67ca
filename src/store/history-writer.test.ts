import { deflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CompactScanEvent, NO_RTT_US, type ScanEvent } from "../model/scan-event.js";
import { RICH_SCAN } from "../report/rich-scan.test.data.js";
import { doneAt, HistoryFolder, hostDone, keepScan, NOON_MS, openPorts, startAt, upHost } from "./history.test.data.js";
import type { HistoryDatabase } from "./history-database.js";
import { historyEvents } from "./history-reader.js";
import { findScans } from "./history-scans.js";
import { HistoryWriter } from "./history-writer.js";

let folder: HistoryFolder;
beforeAll(() => {
  folder = new HistoryFolder();
});
afterAll(() => folder.remove());

function writerFor(database: HistoryDatabase): HistoryWriter {
  return new HistoryWriter(database, { origin: "scan", vantage: "here" });
}

/** An event as the history gives it back: ports in runs, in ascending order, with round trips of open ones alone. */
function kept(event: ScanEvent | CompactScanEvent): unknown[] {
  if (["progress", "silence", "finished"].includes(event.type)) return [];
  if (event.type === "port") {
    const { port, rttMs, ...result } = event.result;
    const rttUs = rttMs === undefined || result.state !== "open" ? NO_RTT_US : Math.round(rttMs * 1000);
    return [plain({ type: "port-run", hostId: event.hostId, result, ports: [port], rttsUs: [rttUs] })];
  }
  if (event.type !== "port-run") return [plain(event)];
  const order = [...event.ports.keys()].sort((one, other) => (event.ports[one] ?? 0) - (event.ports[other] ?? 0));
  const rttUsOf = (at: number) => (event.result.state === "open" ? event.rttsUs[at] : NO_RTT_US);
  return [plain({ ...event, ports: order.map((at) => event.ports[at]), rttsUs: order.map(rttUsOf) })];
}

function plain(event: object): unknown {
  return JSON.parse(
    JSON.stringify(event, (_key, value: unknown) =>
      value instanceof Uint16Array || value instanceof Uint32Array ? [...value] : value,
    ),
  );
}

test("everything that a scan tells is read back", () => {
  const database = folder.open();
  const writer = writerFor(database);
  for (const event of RICH_SCAN) writer.take(event);
  writer.end(NOON_MS, { exitStatus: 0 });
  const read = [...historyEvents(database, 1)].map(plain);
  expect(read).toEqual(RICH_SCAN.flatMap(kept));
});

test("a large scan has many blocks, in their order", () => {
  const database = folder.open();
  const hosts = Array.from({ length: 3000 }, (_, id) => [upHost(id, `10.1.${id >> 8}.${id & 255}`), hostDone(id)]);
  keepScan(database, NOON_MS, hosts.flat());
  expect(Number(database.first("SELECT count(*) AS count FROM block")?.count)).toBeGreaterThan(3);
  expect([...historyEvents(database, 1)]).toHaveLength(2 * 3000 + 2);
});

describe("a scan that breaks off", () => {
  test("has what the last flush wrote, records and index alike, and an end that says so", () => {
    const database = folder.open();
    const writer = writerFor(database);
    for (const event of [startAt(NOON_MS), upHost(0, "10.0.0.1"), openPorts(0, [22])]) writer.take(event);
    writer.flush(NOON_MS);
    for (const event of [openPorts(0, [80]), upHost(1, "10.0.0.2")]) writer.take(event); // and then it was killed
    const events = [...historyEvents(database, 1)];
    expect(events.map(({ type }) => type)).toEqual(["start", "host", "port-run", "notice", "host-done", "done"]);
    expect(events.at(-3)).toMatchObject({ code: "cut-report", level: "warning" });
    expect(events.at(-2)).toMatchObject({ hostId: 0, end: "stopped" });
    expect(events.at(-1)).toMatchObject({ isAborted: true, counts: { hosts: 1, hostsUp: 1, ports: 1 } });
    expect(database.all("SELECT ports FROM host_port").map(({ ports }) => ports)).toEqual(["22"]);
    writer.flush(NOON_MS + 1000);
    expect(database.all("SELECT ports FROM host_port").map(({ ports }) => ports)).toEqual(["22,80"]);
    expect(database.all("SELECT ports FROM open_port").map(({ ports }) => ports)).toEqual(["22,80"]);
  });

  test("before its start it was none", () => {
    const database = folder.open();
    const writer = writerFor(database);
    writer.take({ type: "notice", level: "info", code: "x", text: "" });
    writer.flush(NOON_MS);
    writer.end(NOON_MS, { exitStatus: 1 });
    expect([...findScans(database, {}, NOON_MS)]).toEqual([]);
    expect([...historyEvents(database, 1)]).toEqual([]);
  });
});

test("what could not be written is written with the next flush, once", () => {
  const file = folder.file();
  const [database, other] = [folder.open(file), folder.open(file)];
  const writer = writerFor(database);
  for (const event of [startAt(NOON_MS), upHost(0, "10.0.0.1"), openPorts(0, [22])]) writer.take(event);
  other.execute("BEGIN IMMEDIATE");
  expect(() => writer.flush(NOON_MS)).toThrow("another program holds");
  writer.take(openPorts(0, [80]));
  expect(() => writer.flush(NOON_MS)).toThrow("another program holds");
  other.execute("ROLLBACK");
  for (const event of [hostDone(0), doneAt(NOON_MS)]) writer.take(event);
  writer.end(NOON_MS, { exitStatus: 0 });
  const types = [...historyEvents(database, 1)].map(({ type }) => type);
  expect(types).toEqual(["start", "host", "port-run", "port-run", "host-done", "done"]);
  expect(database.all("SELECT ports FROM host_port").map(({ ports }) => ports)).toEqual(["22,80"]);
});

test("scans that are written side by side keep apart", () => {
  const file = folder.file();
  const writers = [0, 1, 2, 3].map(() => writerFor(folder.open(file)));
  for (const writer of writers) writer.take(startAt(NOON_MS));
  for (let id = 0; id < 50; id++) {
    for (const [at, writer] of writers.entries()) {
      for (const event of [upHost(id, `10.${at}.0.${id}`), openPorts(id, [at + 1]), hostDone(id)]) writer.take(event);
      writer.flush(NOON_MS);
    }
  }
  for (const writer of writers) {
    writer.take(doneAt(NOON_MS));
    writer.end(NOON_MS, { exitStatus: 0 });
  }
  const database = folder.open(file);
  for (const [at, writer] of writers.entries()) {
    const events = [...historyEvents(database, writer.scanId ?? 0)];
    const addresses = events.flatMap((event) => (event.type === "host" ? [event.host.address] : []));
    expect(addresses).toEqual(Array.from({ length: 50 }, (_, id) => `10.${at}.0.${id}`));
  }
});

describe("records that no writer of ours has written", () => {
  const start = JSON.stringify(startAt(NOON_MS));

  function read(text: string): string {
    const database = folder.open();
    const id = keepScan(database, NOON_MS, []);
    database.run("UPDATE block SET records = ? WHERE scan_id = ?", [deflateSync(text), id]);
    try {
      return `${[...historyEvents(database, id)].length} events`;
    } catch (error) {
      return error instanceof Error ? error.message.replace(/^.*?: scan 1 is damaged in block 0: /, "") : "";
    }
  }

  test.each([
    ["no JSON\n", "no JSON"],
    ["[]\n", "no record"],
    ['{"type":"journal"}\n', 'a record "journal"'],
    ['{"type":"\\u001b[2J"}\n', 'a record "\\u001b[2J"'],
    [
      '{"type":"notice","level":"loud","code":"x","text":"y"}\n',
      'a record "notice" with something in it that cannot be',
    ],
    ['{"type":"notice","level":"info","code":"x","text":"y"}\n', 'an event "notice" where none can be'],
    [`${start}\n${start}\n`, 'an event "start" where none can be'],
    [`${start}\n{"type":"host-done","hostId":1}\n`, 'a record "host-done" with something in it that cannot be'],
    [`${start}\n${JSON.stringify(doneAt(NOON_MS))}\n${JSON.stringify(doneAt(NOON_MS))}\n`, /an event "done"/],
    [`${start}\n`, "3 events"],
  ])("case %#", (text, message) => {
    if (message instanceof RegExp) expect(read(text)).toMatch(message);
    else expect(read(text)).toBe(message);
  });

  test("ports of a host that is not there", () => {
    const result = { protocol: "tcp", state: "open", reason: "syn-ack", technique: "t", tries: 1 };
    const line = (ports: string) => `${JSON.stringify({ type: "ports", hostId: 7, result, ports })}\n`;
    expect(read(`${start}\n${line("1-65535")}`)).toBe('an event "port-run" where none can be');
    expect(read(`${start}\n${line("1-70000")}`)).toContain("something in it that cannot be");
  });

  test("a block that unpacks into gigabytes is given up", () => {
    expect(read("\0".repeat(40 * 1024 * 1024))).toBe("it cannot be unpacked");
  });
});
