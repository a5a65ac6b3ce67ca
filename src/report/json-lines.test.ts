import fc from "fast-check";
import { expect, test } from "vitest";
import { PORT_STATES } from "../model/port-state.js";
import { REASON_NAMES } from "../model/reason.js";
import { type CompactScanEvent, NO_RTT_US, type PortRunEvent, type ScanEvent } from "../model/scan-event.js";
import { jsonLines } from "./json-lines.js";
import { CLOSED, done, host, hostDone, port, START } from "./normal-events.test.data.js";
import { noticeCodes, only, readText } from "./read-text.test.data.js";
import type { ReadEvent } from "./report-reader.js";
import type { ReportOptions } from "./report-writer.js";

const OPTIONS: ReportOptions = { showReason: false, onlyOpen: false, verbosity: 0, serviceName: () => undefined };

function write(events: readonly (ScanEvent | CompactScanEvent)[], options: Partial<ReportOptions> = {}): string {
  const sink = jsonLines.open({ ...OPTIONS, ...options });
  return events.map(sink).join("");
}

function run(ports: readonly number[], result: Partial<PortRunEvent["result"]> = {}): PortRunEvent {
  const { port: _, rttMs: __, ...shared } = port(0).result;
  return {
    type: "port-run",
    hostId: 0,
    result: { ...shared, ...CLOSED, ...result },
    ports: Uint16Array.from(ports),
    rttsUs: new Uint32Array(ports.length).fill(NO_RTT_US),
  };
}

const MANY = [9, 8, 7, 6, 5, 3, 2, 1];

test("one event a line, with the host's address on each line of a host", () => {
  const text = write(
    [START, host({ mac: "00:00:0c:00:00:01" }), port(22), run(MANY), hostDone({ at: "2026-11-23T15:10:08Z" }), done()],
    { vendorOf: () => "Maker", words: ["postern", "10.0.0.1"] },
  );
  expect(text).toMatchInlineSnapshot(`
    "{"type":"start","format":1,"version":"0.1.0","startedAt":"2026-11-23T15:10:07Z","targets":["localhost"],"addressCount":1,"portCount":1000,"portScans":[{"technique":"tcp-syn","protocol":"tcp","portCount":1000,"ports":"1-1000"}],"seed":42,"commandLine":"postern 10.0.0.1"}
    {"type":"host","hostId":0,"address":"10.0.0.1","family":4,"otherAddresses":[],"status":"up","reason":"echo-reply","ttl":64,"rttMs":0.4,"mac":"00:00:0c:00:00:01","vendor":"Maker"}
    {"type":"port","hostId":0,"address":"10.0.0.1","protocol":"tcp","port":22,"state":"open","reason":"syn-ack","technique":"tcp-syn","ttl":64,"rttMs":0.1,"tries":1}
    {"type":"ports","hostId":0,"address":"10.0.0.1","protocol":"tcp","state":"closed","reason":"reset","technique":"tcp-syn","ttl":64,"tries":1,"count":8,"ports":"1-3,5-9"}
    {"type":"host-done","hostId":0,"address":"10.0.0.1","rttMs":0.123,"loss":{"lossShare":0,"missedEstimate":0},"end":"done","undecided":[],"marks":[],"at":"2026-11-23T15:10:08Z"}
    {"type":"done","finishedAt":"2026-11-23T15:10:08Z","elapsedMs":210,"counts":{"hosts":1,"unreachable":0,"hostsUp":1,"ports":1000,"sent":1004,"answered":1002,"resent":2,"late":0,"kernelDrops":0,"ignored":0},"loss":{"lossShare":0,"missedEstimate":0},"isAborted":false}
    "
  `);
});

test("open ports are never told in ranges, others when there are many", () => {
  const lines = write([START, host(), run(MANY, { state: "open", reason: "syn-ack" }), run([5, 6])]).split("\n");
  expect(lines.filter((line) => line.startsWith('{"type":"port"'))).toHaveLength(MANY.length + 2);
  expect(lines.filter((line) => line.startsWith('{"type":"ports"'))).toHaveLength(0);
});

test("--open leaves out what is closed, and hosts without anything open", () => {
  const events = [host(), run(MANY), hostDone(), host({ id: 1 }), port(80, {}, 1), hostDone({ hostId: 1 })];
  const lines = write([START, ...events, done()], { onlyOpen: true })
    .trim()
    .split("\n");
  expect(lines.map((line) => JSON.parse(line)).map(({ type, hostId }) => [type, hostId])).toEqual([
    ["start", undefined],
    ["host", 1],
    ["port", 1],
    ["host-done", 1],
    ["done", undefined],
  ]);
});

test("progress comes no more often than every five seconds", () => {
  const progress = (elapsedMs: number): ScanEvent => {
    return {
      type: "progress",
      phase: "ports",
      shareDone: 0,
      ratePps: 1,
      elapsedMs,
      leftMs: undefined,
      counts: done().counts,
    };
  };
  const text = write([0, 250, 4999, 5000, 5250, 10_000].map(progress));
  expect(text.match(/"elapsedMs":\d+/g)).toEqual(['"elapsedMs":0', '"elapsedMs":5000', '"elapsedMs":10000']);
});

test("nothing invisible is in a line, and everything reads back", async () => {
  const name = 'a\u001b[31m\u202e\u2028\ud800"\\\u{e0041}\u0000\u007f\u009b';
  const text = write([START, host({ name }), hostDone(), done()]);
  expect(text).toMatch(/^[\x20-\x7e\n]*$/);
  expect(only(await readText(text), "host")[0]?.host.name).toBe(name);
});

const text = fc.oneof(fc.string({ unit: "binary", maxLength: 20 }), fc.string({ maxLength: 20 }));
const maybe = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(value, { nil: undefined });
const ms = fc.double({ min: 0, max: 1e9, noNaN: true }).map((value) => value + 0);
const time = fc
  .date({ noInvalidDate: true, min: new Date(0), max: new Date("2100-01-01") })
  .map((at) => at.toISOString());
const shared = fc.record({
  protocol: fc.constantFrom("tcp" as const, "udp" as const, "sctp" as const),
  state: fc.constantFrom(...PORT_STATES),
  reason: fc.constantFrom(...REASON_NAMES),
  technique: text,
  ttl: maybe(fc.nat(255)),
  tries: fc.integer({ min: 1, max: 15 }),
  responder: maybe(text),
});
const portNumber = fc.nat(65_535);

/** Events of one host, as a scan may tell them. */
const hostEvents = fc
  .record({
    facts: fc.record({
      address: text,
      family: fc.constantFrom(4 as const, 6 as const),
      name: maybe(text),
      otherAddresses: fc.array(text, { maxLength: 2 }),
      reason: fc.constantFrom(...REASON_NAMES),
      ttl: maybe(fc.nat(255)),
      rttMs: maybe(ms),
      mac: maybe(text),
    }),
    at: time,
    names: fc.array(text, { minLength: 1, maxLength: 3 }),
    ports: fc.array(fc.record({ port: portNumber, rttMs: maybe(ms), shared }), { maxLength: 5 }),
    run: fc.record({ ports: fc.uniqueArray(portNumber, { minLength: 8, maxLength: 50 }), shared }),
    service: fc.record({ name: text, product: text, confidence: fc.nat(10), cpes: fc.array(text, { maxLength: 2 }) }),
    script: fc.record({ id: text, output: text }),
    hops: fc.array(fc.record({ ttl: fc.nat(255), address: maybe(text), rttMs: maybe(ms) }), { maxLength: 3 }),
    rttMs: maybe(ms),
  })
  .map(({ facts, at, names, ports, run: many, service, script, hops, rttMs }): readonly ReadEvent[] => [
    { type: "host", at, host: { id: 0, status: "up", ...facts } },
    { type: "host-names", hostId: 0, names },
    ...ports.map((one): ReadEvent => {
      return { type: "port", hostId: 0, result: { port: one.port, rttMs: one.rttMs, ...one.shared } };
    }),
    {
      type: "port-run",
      hostId: 0,
      result: { ...many.shared, state: many.shared.state === "open" ? "closed" : many.shared.state },
      ports: Uint16Array.from(many.ports).sort(),
      rttsUs: new Uint32Array(many.ports.length).fill(NO_RTT_US),
    },
    { type: "service", hostId: 0, protocol: "tcp", port: 1, service: { method: "probed", ...service } },
    { type: "script", hostId: 0, port: { protocol: "udp", port: 2 }, ...script },
    { type: "script", hostId: undefined, port: undefined, ...script },
    { type: "trace", hostId: 0, technique: "icmp-echo", protocol: "icmp", port: 0, hops },
    {
      type: "host-done",
      at,
      hostId: 0,
      rttMs,
      loss: { lossShare: 0.25, missedEstimate: 1 },
      end: "host-timeout",
      undecided: [{ protocol: "tcp", count: 5 }],
      marks: [{ code: "rationed", text: script.output }],
    },
  ]);

test("what is written reads back the same", async () => {
  await fc.assert(
    fc.asyncProperty(hostEvents, fc.integer({ min: 1, max: 500 }), async (events, pieceUnits) => {
      const all = [START, ...events, { type: "notice", level: "info", code: "c", text: "t" } as const, done()];
      expect(await readText(write(all), { pieceUnits })).toEqual(all);
    }),
    { numRuns: 50 },
  );
}, 30_000);

const WHOLE = write([START, host(), port(22), run(MANY), hostDone(), done()]);

test("a report that is cut anywhere gives what was told before, and ends as stopped", async () => {
  for (let length = WHOLE.indexOf("\n"); length < WHOLE.length - 1; length += 1) {
    const events = await readText(WHOLE.slice(0, length));
    expect(events.at(-1)).toMatchObject({ type: "done" });
    // The last line may lack its line feed alone.
    if (length < WHOLE.trimEnd().length) expect(events.at(-1)).toMatchObject({ isAborted: true });
    expect(only(events, "host-done")).toHaveLength(only(events, "host").length);
  }
});

test("types of lines that are not known are told of, and fields passed over", async () => {
  const lines = WHOLE.split("\n");
  lines.splice(1, 0, '{"type":"later","x":1}');
  const events = await readText(lines.join("\n").replace('"family":4', '"family":4,"later":[1]'));
  expect(noticeCodes(events)).toEqual(["left-out"]);
  expect(only(events, "port")).toHaveLength(1);
});

test("words of a later postern become what claims least", async () => {
  const events = await readText(WHOLE.replace('"reason":"syn-ack"', '"reason":"later"'));
  expect(only(events, "port")[0]?.result.reason).toBe("unknown-response");
  expect(noticeCodes(events)).toEqual(["unknown-word"]);
});

test.each([
  ["another format", WHOLE.replace('"format":1', '"format":2'), /report:1: "format" must be one of 1/],
  ["a line that is no JSON", WHOLE.replace('{"type":"port"', '{"type":port"'), /report:3: not a line of JSON/],
  [
    "a port that is none",
    WHOLE.replace('"port":22', '"port":65536'),
    /report:3: "port" must be a whole number up to 65535/,
  ],
  ["a port of 1e308", WHOLE.replace('"port":22', '"port":1e308'), /report:3: "port" must be/],
  ["a negative time", WHOLE.replace('"rttMs":0.1', '"rttMs":-0.1'), /report:3: "rttMs" must be a number/],
  ["ranges that are none", WHOLE.replace('"1-3,5-9"', '"5-9,1-3"'), /report:4: "ports" must be ascending/],
  [
    "a host that nobody told of",
    WHOLE.replace('"type":"port","hostId":0', '"type":"port","hostId":7'),
    /report:3: ports of host 7/,
  ],
  ["more behind the end", `${WHOLE}${WHOLE}`, /report:7: more behind the end/],
  ["a list", `${WHOLE.split("\n")[0]}\n[]\n`, /report:2: not a line of JSON with an object/],
  ["nesting without end", `${WHOLE.split("\n")[0]}\n${"[".repeat(1e6)}\n`, /report:2: not a line of JSON/],
])("refuses %s, and says where", async (_, changed, message) => {
  await expect(readText(changed)).rejects.toThrow(message);
});

test("refuses a line without an end before it fills the memory", async () => {
  await expect(readText(`${WHOLE.split("\n")[0]}\n${"x".repeat(17 * 1024 * 1024)}`)).rejects.toThrow(
    /report:2: a line of more/,
  );
});
