// What postern writes for programs reads back as what was found, as far as each form has room for it.
import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../model/errors.js";
import { REPORT_WRITERS } from "./forms.js";
import { CLOSED, done, FILTERED, host, hostDone, port, ports, START } from "./normal-events.test.data.js";
import { noticeCodes, only, portTexts, readerOf, readText } from "./read-text.test.data.js";
import { REPORT_READERS } from "./readable-forms.js";
import type { ReadEvent } from "./report-reader.js";

const EVENTS: readonly ReadEvent[] = [
  { ...START, portScans: [{ technique: "tcp-syn", protocol: "tcp", portCount: 100, ports: "1-100" }], portCount: 100 },
  {
    type: "technique",
    choice: { role: "ports", technique: "tcp-syn", transport: "packet socket", because: 'of "<&>' },
  },
  host({ name: "written.lab", otherAddresses: ["10.0.0.7"], mac: "00:00:0c:00:00:01", rttMs: undefined }),
  { type: "host-names", hostId: 0, names: ["found.lab"] },
  port(22, { rttMs: undefined, tries: 2, responder: "10.0.0.254" }),
  ...ports(30, 60, { ...CLOSED, rttMs: undefined }),
  ...ports(90, 3, { ...FILTERED, reason: "no-response-lossy" }),
  {
    type: "service",
    hostId: 0,
    protocol: "tcp",
    port: 22,
    service: { name: "ssh", method: "probed", confidence: 10, product: "x", cpes: ["cpe:/a:x"] },
  },
  {
    type: "trace",
    hostId: 0,
    technique: "tcp-syn",
    protocol: "tcp",
    port: 22,
    hops: [{ ttl: 1, address: "10.0.0.1", rttMs: 1 }],
  },
  hostDone({
    at: "2026-11-23T15:10:08.000Z",
    loss: { lossShare: 0.25, missedEstimate: 1.5 },
    end: "host-timeout",
    undecided: [{ protocol: "tcp", count: 36 }],
    marks: [{ code: "rationed", text: "rations" }],
  }),
  { type: "notice", level: "warning", code: "lossy", text: "--> lossy <--" },
  done({ loss: { lossShare: 0.1, missedEstimate: 0.00001 } }),
];

function write(form: string): string {
  const writer = REPORT_WRITERS.find(({ name }) => name === form);
  const sink = writer?.open({
    showReason: true,
    onlyOpen: false,
    verbosity: 1,
    showNotices: true,
    serviceName: () => undefined,
  });
  return EVENTS.map((event) => sink?.(event)).join("");
}

const PORTS = portTexts(EVENTS);

test("XML", async () => {
  const events = await readText(write("xml"));
  expect([...portTexts(events)].sort()).toEqual([...PORTS].sort());
  const [start] = events;
  expect(start).toMatchObject({ version: "0.1.0", seed: 42, addressCount: 1, portCount: 100 });
  expect(start).not.toHaveProperty("scanner");
  expect(only(events, "technique")).toEqual(only(EVENTS, "technique"));
  expect(only(events, "host")[0]?.host).toMatchObject({
    name: "written.lab",
    otherAddresses: ["10.0.0.7"],
    mac: "00:00:0c:00:00:01",
  });
  expect(only(events, "port")[0]?.result).toEqual(only(EVENTS, "port")[0]?.result);
  expect(only(events, "service")[0]?.service).toEqual(only(EVENTS, "service")[0]?.service);
  expect(only(events, "trace")).toEqual(only(EVENTS, "trace"));
  const { rttMs: _, ...doubts } = only(EVENTS, "host-done")[0] ?? hostDone();
  expect(only(events, "host-done")[0]).toMatchObject(doubts);
  expect(only(events, "script")).toEqual([]);
  expect(only(events, "notice")).toEqual(only(EVENTS, "notice"));
  expect(events.at(-1)).toMatchObject({ counts: { sent: 1004, ports: 1000 }, loss: { missedEstimate: 0.00001 } });
});

test("the grepable form", async () => {
  const events = await readText(write("grepable"));
  expect(portTexts(events)).toContain("22/tcp open not-recorded");
  expect(events[0]).toMatchObject({ version: "0.1.0", startedAt: "2026-11-23T15:10:07.000Z", portCount: 100 });
  expect(events[0]).not.toHaveProperty("scanner");
  // 36 ports were not decided: those that the form only counts cannot be told from them.
  expect(noticeCodes(events)).toContain("unknown-ports");
});

test("JSON Lines", async () => {
  expect(await readText(write("jsonl"))).toEqual(EVENTS);
});

test("each form is recognised by one reader, and names are unique", () => {
  expect(new Set(REPORT_READERS.map(({ name }) => name)).size).toBe(REPORT_READERS.length);
  for (const { name } of REPORT_WRITERS) {
    const head = write(name).slice(0, 4096);
    const isReadable = REPORT_READERS.some((reader) => reader.name === name);
    expect([name, ...REPORT_READERS.filter((reader) => reader.recognises(head)).map((reader) => reader.name)]).toEqual(
      isReadable ? [name, name] : [name],
    );
  }
});

/** Pieces that mean something to one form or another. */
const BITS = [
  "<",
  ">",
  "&",
  '"',
  "/>",
  "<host>",
  "</host>",
  "{",
  "}",
  "[",
  "]",
  "\\",
  "\n",
  "\t",
  "/",
  ", ",
  "-1",
  "1e308",
  "\0",
  "\ud800",
  "\ufeff",
];

test("whatever a report has become, it is read or refused", async () => {
  const masscan =
    '[\n{"ip":"10.0.0.1","timestamp":"1","ports":[{"port":80,"proto":"tcp","status":"open","reason":"syn-ack","ttl":64}]}\n]';
  const list = "#masscan\nopen tcp 80 10.0.0.1 1795522094\nbanner tcp 80 10.0.0.1 1795522095 http x\n# end\n";
  const reports = [write("xml"), write("grepable"), write("jsonl"), masscan, list];
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    drop: fc.nat(20),
    put: fc.constantFrom(...BITS),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...reports),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      async (report, changes) => {
        const reader = readerOf(report);
        const changed = changes.reduce((text, { at, drop, put }) => {
          const place = Math.floor(at * text.length);
          return text.slice(0, place) + put + text.slice(place + drop);
        }, report);
        const events = await readText(changed, reader === undefined ? {} : { reader }).catch((error: unknown) => {
          expect(error).toBeInstanceOf(InputError);
          return undefined;
        });
        if (events !== undefined) expect([events[0]?.type, events.at(-1)?.type]).toEqual(["start", "done"]);
      },
    ),
    { numRuns: 300 },
  );
}, 30_000);

test.each(["", "hello", "<html></html>", "{}", "[1]", "%PDF-1.7", "\0\0\0", "Host: example.org\r\n"])(
  "%j is no report",
  (text) => {
    expect(readerOf(text)).toBeUndefined();
  },
);
