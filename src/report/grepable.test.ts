import { describe, expect, it } from "vitest";
import type { ScanEvent } from "../model/scan-event.js";
import { grepable } from "./grepable.js";
import { CLOSED, done, FILTERED, host, hostDone, port, ports, START } from "./normal-events.test.data.js";
import type { ReportOptions } from "./report-writer.js";
import { RICH_SCAN, writeWith } from "./rich-scan.test.data.js";

function hostLines(events: readonly ScanEvent[], options: Partial<ReportOptions> = {}): readonly string[] {
  const lines = writeWith(grepable, [START, ...events, done()], options).split("\n");
  return lines.slice(0, -1).filter((line) => !line.startsWith("#"));
}

const PORTS = "Host: 10.0.0.1 ()\tPorts: ";

describe("the grepable form", () => {
  it("has a place for what a scan tells", async () => {
    await expect(writeWith(grepable, RICH_SCAN, { verbosity: 1 })).toMatchFileSnapshot("grepable.test.data/rich.gnmap");
  });

  it("begins with the words of the command line, and ends with what was scanned", () => {
    const words = ["postern", "-p", "22", "-oG", "-", "10.0.0.1"];
    expect(writeWith(grepable, [START, host(), port(22), hostDone(), done()], { words })).toMatchInlineSnapshot(`
      "# postern 0.1.0 scan initiated Mon Nov 23 15:10:07 2026 as: postern -p 22 -oG - 10.0.0.1
      Host: 10.0.0.1 ()	Status: Up
      Host: 10.0.0.1 ()	Ports: 22/open/tcp//ssh///
      # postern done at Mon Nov 23 15:10:08 2026 -- 1 IP address (1 host up) scanned in 0.21 seconds
      "
    `);
    const asNmap = writeWith(grepable, [START, done()], { program: "nmap" });
    expect(asNmap).toMatch(/^# Nmap 7\.\d+ scan initiated .*\n# Nmap done at .*\n$/);
  });

  it("says with -v which ports were asked", () => {
    const scans = [{ technique: "ip-protocol", protocol: "ip", portCount: 2, ports: "6,17" }] as const;
    expect(writeWith(grepable, [{ ...START, portScans: scans }], { verbosity: 1 })).toContain(
      "\n# Ports scanned: TCP(0;) UDP(0;) SCTP(0;) PROTOCOLS(2;6,17)\n",
    );
  });

  it("names the state that is only counted, where there is one alone", () => {
    const closed = ports(1, 30, CLOSED);
    const filtered = ports(100, 30, FILTERED);
    expect(hostLines([host(), port(22), ...closed, hostDone()])[1]).toBe(
      `${PORTS}22/open/tcp//ssh///\tIgnored State: closed (30)`,
    );
    expect(hostLines([host(), ...closed, hostDone()])[1]).toBe(`${PORTS}\tIgnored State: closed (30)`);
    expect(hostLines([host(), port(22), ...closed, ...filtered, hostDone()])[1]).toBe(`${PORTS}22/open/tcp//ssh///`);
  });

  it("has IP protocols in a field of their own", () => {
    const closed = ports(100, 30, { ...CLOSED, protocol: "ip", reason: "proto-unreach" });
    const open = [port(6, { protocol: "ip" }), port(255, { protocol: "ip", state: "open|filtered" })];
    expect(hostLines([host(), ...open, ...closed, hostDone()])[1]).toBe(
      "Host: 10.0.0.1 ()\tProtocols: 6/open/tcp/, 255/open|filtered//\tIgnored State: closed (30)",
    );
  });

  it("has one line for a host without ports: up, down with -v, or unknown", () => {
    const unseen = { ttl: undefined, rttMs: undefined } as const;
    const down = host({ id: 1, status: "down", reason: "no-response", ...unseen });
    expect(hostLines([host(), hostDone(), down], { verbosity: 1 })).toEqual([
      "Host: 10.0.0.1 ()\tStatus: Up",
      "Host: 10.0.0.1 ()\tStatus: Down",
    ]);
    expect(hostLines([down])).toEqual([]);
    expect(hostLines([host({ status: "listed", reason: "user-set", name: "db", ...unseen })])).toEqual([
      "Host: 10.0.0.1 (db)\tStatus: Unknown",
    ]);
  });

  it("says of an interrupted scan that it was stopped, and shows what is known", () => {
    const text = writeWith(grepable, [START, host(), port(22), done({ isAborted: true })]);
    expect(text).toContain(`${PORTS}22/open/tcp//ssh///\n# 10.0.0.1: Not all ports`);
    expect(text).toMatch(/\n# postern stopped at .*\n$/);
  });
});
