import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InternalError, UnreachableError } from "../model/errors.js";
import type { CompactScanEvent, DoneEvent, HostEvent, TechniqueEvent } from "../model/scan-event.js";
import { readJournal } from "../store/journal-reader.js";
import { JournalWriter } from "../store/journal-writer.js";
import { journaled, replayed, withAllUp, withoutEmptyJournal, withoutRepeats } from "./journal-stages.js";

const START: CompactScanEvent = {
  type: "start",
  version: "1",
  startedAt: "2026-01-01T00:00:00Z",
  targets: [],
  addressCount: 2,
  portCount: 1,
  portScans: [],
  seed: 1,
};

function host(id: number): HostEvent {
  const facts = { id, address: `10.0.0.${id}`, family: 4, status: "up", reason: "echo-reply" } as const;
  return {
    type: "host",
    host: { ...facts, name: undefined, otherAddresses: [], ttl: 64, rttMs: 1, mac: undefined },
  };
}

function doneWith(hostsUp: number): DoneEvent {
  const none = { unreachable: 0, ports: 0, sent: 0, answered: 0, resent: 0, late: 0, kernelDrops: 0, ignored: 0 };
  return {
    type: "done",
    finishedAt: "2026-01-01T00:00:01Z",
    elapsedMs: 1000,
    counts: { ...none, hosts: 3, hostsUp },
    loss: { lossShare: 0, missedEstimate: 0 },
    isAborted: false,
  };
}

function technique(name: string): TechniqueEvent {
  return { type: "technique", choice: { role: "ports", technique: name, transport: "raw IP", because: "root may" } };
}

async function* stream(events: readonly CompactScanEvent[], end?: Error): AsyncGenerator<CompactScanEvent> {
  yield* events;
  if (end !== undefined) throw end;
}

async function all(events: AsyncIterable<CompactScanEvent>): Promise<CompactScanEvent[]> {
  const seen: CompactScanEvent[] = [];
  for await (const event of events) seen.push(event);
  return seen;
}

let folder: string;
let files = 0;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "postern-stages-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function newJournal(): { file: string; writer: JournalWriter } {
  files += 1;
  const file = path.join(folder, `${files}.journal`);
  const header = { version: "1", startedAt: "2026-01-01T00:00:00Z", words: [], plan: { seed: 1 } };
  return { file, writer: JournalWriter.create(file, header) };
}

describe("a journal is written", () => {
  test("with every event that passes", async () => {
    const { file, writer } = newJournal();
    const events = [START, technique("udp"), host(0)];
    expect(await all(journaled(stream(events), writer))).toEqual(events);
    expect([...readJournal(file).events()]).toEqual(JSON.parse(JSON.stringify(events.slice(1))));
  });

  test("up to the error that ends the scan", async () => {
    const { file, writer } = newJournal();
    await expect(all(journaled(stream([host(3)], new InternalError("over")), writer))).rejects.toThrow("over");
    expect(readJournal(file).resume.hosts.map(({ hostId }) => hostId)).toEqual([3]);
  });

  test("four times a second, although nothing comes", async () => {
    const { file, writer } = newJournal();
    const events = journaled(stream([host(1)]), writer);
    await events.next();
    await delay(400);
    expect(readFileSync(file, "utf8")).toContain('"10.0.0.1"');
    await events.return();
  });

  test("and taken away again when the scan cannot even begin", async () => {
    const early = newJournal();
    const failing = (events: CompactScanEvent[], { file, writer }: typeof early) =>
      all(withoutEmptyJournal(journaled(stream(events, new UnreachableError("nobody")), writer), file));
    await expect(failing([], early)).rejects.toThrow("nobody");
    expect(existsSync(early.file)).toBe(false);
    const late = newJournal();
    await expect(failing([START], late)).rejects.toThrow("nobody");
    expect(existsSync(late.file)).toBe(true);
  });
});

describe("going on", () => {
  test("nothing is told again of hosts that the journal knows", async () => {
    const told = new Map([
      [0, { ports: 1, names: 1, hops: 0 }],
      [1, { ports: 0, names: 0, hops: 0 }],
    ]);
    const names = (hostId: number): CompactScanEvent => ({ type: "host-names", hostId, names: ["a"] });
    const seen = await all(withoutRepeats(stream([host(0), names(0), host(1), names(1), host(2), names(2)]), { told }));
    expect(seen).toEqual([names(1), host(2), names(2)]);
  });

  test("what the journal knows comes behind the start, and each choice once", async () => {
    function* events(): Generator<CompactScanEvent> {
      yield technique("udp");
      yield host(0);
    }
    const seen = await all(replayed(stream([START, technique("udp"), technique("tcp-syn"), host(1)]), { events }));
    expect(seen).toEqual([START, technique("udp"), host(0), technique("tcp-syn"), host(1)]);
  });

  test("hosts that an earlier run has finished are up in sum", async () => {
    expect((await all(withAllUp(stream([START, host(0), host(1), doneWith(1)])))).at(-1)).toEqual(doneWith(2));
    expect((await all(withAllUp(stream([START, doneWith(3)])))).at(-1)).toEqual(doneWith(3));
  });
});
