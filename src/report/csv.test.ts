import fc from "fast-check";
import { expect, test } from "vitest";
import type { CompactScanEvent, ScanEvent } from "../model/scan-event.js";
import { csv } from "./csv.js";
import { csvRow } from "./csv-cell.js";
import { CLOSED, done, FILTERED, host, hostDone, port, ports, START } from "./normal-events.test.data.js";
import type { ReportOptions } from "./report-writer.js";

const OPTIONS: ReportOptions = {
  showReason: false,
  onlyOpen: false,
  verbosity: 0,
  serviceName: (number) => (number === 22 ? "ssh" : undefined),
};

function write(events: readonly (ScanEvent | CompactScanEvent)[], options: Partial<ReportOptions> = {}): string {
  const sink = csv.open({ ...OPTIONS, ...options });
  return events.map(sink).join("");
}

test("a row a port, the host's cells in each, and a row for ports that are only counted", () => {
  const text = write([
    START,
    host(),
    { type: "host-names", hostId: 0, names: ["web.lab"] },
    port(22),
    port(80),
    {
      type: "service",
      hostId: 0,
      protocol: "tcp",
      port: 80,
      service: {
        name: "http",
        method: "probed",
        confidence: 10,
        product: "nginx, Inc.",
        version: "1.24",
        cpes: ["cpe:/a:x"],
      },
    },
    ...ports(1000, 30, CLOSED),
    ...ports(2000, 2, FILTERED),
    hostDone({ at: "2026-11-23T15:10:08Z" }),
    done(),
  ]);
  expect(text.split("\r\n")).toMatchInlineSnapshot(`
    [
      "address,name,mac,vendor,status,statusReason,protocol,port,count,state,reason,ttl,responder,service,product,version,extraInfo,cpes,system,systemAccuracy,rttMs,foundAt,endedAt,end,process,pid,user,unit,container",
      "10.0.0.1,web.lab,,,up,echo-reply,tcp,22,1,open,syn-ack,64,,ssh,,,,,,,0.123,,2026-11-23T15:10:08Z,done,,,,,",
      "10.0.0.1,web.lab,,,up,echo-reply,tcp,80,1,open,syn-ack,64,,http,"nginx, Inc.",1.24,,cpe:/a:x,,,0.123,,2026-11-23T15:10:08Z,done,,,,,",
      "10.0.0.1,web.lab,,,up,echo-reply,tcp,2000,1,filtered,no-response,,,,,,,,,,0.123,,2026-11-23T15:10:08Z,done,,,,,",
      "10.0.0.1,web.lab,,,up,echo-reply,tcp,2001,1,filtered,no-response,,,,,,,,,,0.123,,2026-11-23T15:10:08Z,done,,,,,",
      "10.0.0.1,web.lab,,,up,echo-reply,tcp,,30,closed,reset,,,,,,,,,,0.123,,2026-11-23T15:10:08Z,done,,,,,",
      "",
    ]
  `);
});

test("counts add up to the number of ports", () => {
  const text = write([START, host(), port(22), ...ports(1000, 30, CLOSED), hostDone(), done()]);
  const counts = text
    .trim()
    .split("\r\n")
    .slice(1)
    .map((row) => Number(row.split(",")[8]));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(31);
});

test("hosts without ports have one row; down hosts with -v", () => {
  const events = [START, host(), hostDone(), host({ id: 1, address: "10.0.0.2", status: "down" }), done()];
  expect(write(events).trim().split("\r\n")).toHaveLength(2);
  expect(write(events, { verbosity: 1 }).trim().split("\r\n")).toHaveLength(3);
  expect(write(events, { onlyOpen: true }).trim().split("\r\n")).toHaveLength(1);
});

test.each([
  ["=1+1", "'=1+1"],
  ["+1", "'+1"],
  ["-1", "'-1"],
  ["@SUM(A1)", "'@SUM(A1)"],
  [" =1", "' =1"],
  ["\t=1", "'\\x09=1"],
  ["\r=1", "'\\x0d=1"],
  ["＝1", "'＝1"],
  ['=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
  ["a,b", '"a,b"'],
  ["a;b", '"a;b"'],
  ['say "x"', '"say ""x"""'],
  ["a\nb", "a\\x0ab"],
  ["\u001b[31m", "\\x1b[31m"],
  ["\u202eabc", "\\u202eabc"],
])("%j becomes %s", (value, cell) => {
  expect(csvRow([value])).toBe(`${cell}\r\n`);
});

test("no text can leave its cell, or begin a formula", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string(), (one, other) => {
      const row = csvRow([one, 5, other]);
      expect(row.endsWith("\r\n")).toBe(true);
      expect(row.slice(0, -2)).not.toMatch(/[\r\n]/);
      const cells = parseRow(row.slice(0, -2));
      expect(cells).toHaveLength(3);
      for (const cell of cells) expect(cell).not.toMatch(/^\s*[=+\-@]/);
    }),
  );
});

/** RFC 4180 §2, the other way round. */
function parseRow(row: string): readonly string[] {
  const cells = row.match(/(?:"(?:[^"]|"")*"|[^,"]*)(?:,|$)/g)?.slice(0, row.endsWith(",") ? undefined : -1) ?? [];
  return cells.map((cell) =>
    cell
      .replace(/,$/, "")
      .replace(/^"(.*)"$/s, "$1")
      .replaceAll('""', '"'),
  );
}
