// Text of others cannot break out of the forms for programs, wherever it stands.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ScanEvent } from "../model/scan-event.js";
import { grepable } from "./grepable.js";
import { done, host, hostDone, port, START } from "./normal-events.test.data.js";
import { writeWith } from "./rich-scan.test.data.js";
import { malformation } from "./well-formed.test.data.js";
import { xml } from "./xml.js";

const NASTY = [
  "]]>",
  "--",
  "-->",
  "?>",
  "</nmaprun>",
  '"/><host>',
  "&amp;&#0;",
  "\u0000",
  "\ud800",
  "\udfff",
  "\ufffe\uffff",
  "\u001b[2J",
  "\u009b1m",
  "\r\n",
  "\t",
  "\u2028",
  "\u202e",
  "/, 22/open/tcp//ssh///",
  "\tStatus: Up",
  ") (",
];

const text = fc
  .array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: "binary" }), fc.string()), { maxLength: 4 })
  .map((parts) => parts.join(""));

/** Every text that does not come from postern itself. */
function hostileScan(one: string): readonly ScanEvent[] {
  return [
    { ...START, version: one, targets: [one], portScans: [{ ...START.portScans[0], ports: one } as never] },
    {
      type: "technique",
      choice: { role: "ports", technique: one, transport: one, because: one },
    },
    { type: "notice", level: "warning", code: one, text: one },
    { type: "script", hostId: undefined, port: undefined, id: one, output: one },
    host({ address: one, name: one, otherAddresses: [one], mac: one, vendor: one }),
    port(22, { responder: one }),
    port(23),
    {
      type: "service",
      hostId: 0,
      protocol: "tcp",
      port: 22,
      service: {
        name: one,
        method: "probed",
        confidence: 3,
        product: one,
        version: one,
        extraInfo: one,
        hostname: one,
        osType: one,
        deviceType: one,
        tunnel: one,
        fingerprint: one,
        cpes: [one],
      },
    },
    { type: "script", hostId: 0, port: { protocol: "tcp", port: 22 }, id: one, output: one },
    { type: "script", hostId: 0, port: undefined, id: one, output: one },
    {
      type: "os",
      hostId: 0,
      os: {
        portsUsed: [],
        matches: [
          {
            name: one,
            accuracy: 100,
            line: 1,
            classes: [{ type: one, vendor: one, family: one, generation: one, accuracy: 1, cpes: [one] }],
          },
        ],
        fingerprint: one,
        lastBoot: one,
        uptimeSeconds: 1,
        tcpSequence: { class: one, index: 1, values: one },
        ipIdSequence: { class: one, values: one },
        tcpTimestamps: { class: one, values: one },
      },
    },
    {
      type: "trace",
      hostId: 0,
      technique: one,
      protocol: "tcp",
      port: 1,
      hops: [{ ttl: 1, address: one, rttMs: 1 }],
    },
    { type: "host-names", hostId: 0, names: [one, one] },
    hostDone({ marks: [{ code: "rationed", text: one }] }),
    done(),
  ];
}

describe("text of others", () => {
  it("leaves XML well-formed, and as many lines and elements as without it", () => {
    const write = (one: string): string =>
      writeWith(xml, hostileScan(one), {
        verbosity: 1,
        words: ["postern", one],
        stylesheet: `x${one}`,
        serviceName: () => one,
      });
    const lineCount = write("a").split("\n").length;
    const elementCount = write("a").split("<").length;
    fc.assert(
      fc.property(text, (one) => {
        const written = write(one);
        expect(malformation(written)).toBeUndefined();
        expect(written.split("\n")).toHaveLength(lineCount);
        expect(written.split("<")).toHaveLength(elementCount);
        expect(written.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
      }),
    );
  });

  it("leaves the grepable form its lines, its fields and its slashes", () => {
    const write = (one: string): readonly string[] =>
      writeWith(grepable, hostileScan(one), { words: ["postern", one], serviceName: () => one }).split("\n");
    const shape = (line: string): string => (line.startsWith("#") ? "#" : line.replace(/[^\t/]/g, ""));
    const plain = write("a").map(shape);
    fc.assert(
      fc.property(text, (one) => {
        const lines = write(one);
        expect(lines.map(shape)).toEqual(plain);
        expect(lines.join("").replaceAll("\t", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
      }),
    );
  });
});
