import { describe, expect, it } from "vitest";
import type { ScanEvent } from "../model/scan-event.js";
import { CLOSED, done, FILTERED, host, hostDone, port, ports, START, write } from "./normal-events.test.data.js";
import type { ReportOptions } from "./report-writer.js";

const AS_NMAP = { program: "nmap", words: ["nmap", "-oG", "-", "a b"] } as const;

function asNmap(events: readonly ScanEvent[], options: Partial<ReportOptions> = {}): string {
  return write(events, { ...AS_NMAP, ...options });
}

describe("the normal report in nmap's name", () => {
  it("has nmap's lines in nmap's order", () => {
    const events = [START, host({ name: "db" }), port(22), ...ports(100, 30, CLOSED), hostDone(), done()];
    expect(asNmap(events)).toMatchInlineSnapshot(`
      "Starting Nmap 7.93 ( https://nmap.org ) at 2026-11-23 15:10 UTC
      Nmap scan report for db (10.0.0.1)
      Host is up (0.00012s latency).
      Not shown: 30 closed tcp ports (reset)
      PORT   STATE SERVICE
      22/tcp open  ssh

      Nmap done: 1 IP address (1 host up) scanned in 0.21 seconds
      "
    `);
  });

  it("has an empty line before the table where nothing is left out, and behind a host", () => {
    const events = [START, host(), port(22), hostDone(), host({ id: 1, address: "10.0.0.2" }), port(80, {}, 1)];
    expect(asNmap([...events, hostDone({ hostId: 1 }), done()], { showReason: true })).toMatchInlineSnapshot(`
      "Starting Nmap 7.93 ( https://nmap.org ) at 2026-11-23 15:10 UTC
      Nmap scan report for 10.0.0.1
      Host is up, received echo-reply ttl 64 (0.00012s latency).

      PORT   STATE SERVICE REASON
      22/tcp open  ssh     syn-ack ttl 64

      Nmap scan report for 10.0.0.2
      Host is up, received echo-reply ttl 64 (0.00012s latency).

      PORT   STATE SERVICE REASON
      80/tcp open  http    syn-ack ttl 64

      Nmap done: 1 IP address (1 host up) scanned in 0.21 seconds
      "
    `);
  });

  it("has no empty lines where hosts have no ports", () => {
    const down = host({ id: 1, address: "10.0.0.2", status: "down", reason: "no-response", ttl: undefined });
    const events = [{ ...START, portCount: 0 }, host({ mac: "b8:27:eb:01:02:03" }), hostDone(), down];
    const withEnd = [...events, done({ counts: { ...done().counts, hosts: 2 } })];
    expect(asNmap(withEnd, { verbosity: 1, dataFolder: "/data" })).toMatchInlineSnapshot(`
      "Starting Nmap 7.93 ( https://nmap.org ) at 2026-11-23 15:10 UTC
      Nmap scan report for 10.0.0.1
      Host is up (0.00012s latency).
      MAC Address: B8:27:EB:01:02:03 (Unknown)
      Nmap scan report for 10.0.0.2 [host down]
      Read data files from: /data
      Nmap done: 2 IP addresses (1 host up) scanned in 0.21 seconds
      "
    `);
    expect(asNmap([down], { verbosity: 1, showReason: true })).toContain(" [host down, received no-response]\n");
  });

  it("begins and ends in a file as nmap's files do", () => {
    const text = asNmap([START, host(), port(22), hostDone(), done()], { showNotices: true, verbosity: 1 });
    expect(text).toMatchInlineSnapshot(`
      "# Nmap 7.93 scan initiated Mon Nov 23 15:10:07 2026 as: nmap -oG - "a b"
      Nmap scan report for 10.0.0.1
      Host is up (0.00012s latency).

      PORT   STATE SERVICE
      22/tcp open  ssh

      # Nmap done at Mon Nov 23 15:10:08 2026 -- 1 IP address (1 host up) scanned in 0.21 seconds
      "
    `);
  });

  it("of an interrupted scan does not say that it is done", () => {
    const events = [START, host(), port(22), done({ isAborted: true })];
    for (const showNotices of [true, false]) {
      const text = asNmap(events, { showNotices });
      expect(text).not.toContain("Nmap done");
      expect(text).toContain("The scan was interrupted: this report is partial.");
    }
  });

  it("says that the only host seems down", () => {
    const counts = { ...done().counts, hostsUp: 0 };
    const text = asNmap([START, host({ status: "down", reason: "no-response" }), done({ counts })]);
    expect(text).toContain("Note: Host seems down.");
    expect(text).toContain("Nmap done: 1 IP address (0 hosts up) scanned in 0.21 seconds\n");
  });

  it("counts ports together whose reasons nmap does not tell apart", () => {
    const lossy = { ...FILTERED, reason: "no-response-lossy" } as const;
    const events = [host(), ...ports(1, 30, FILTERED), ...ports(100, 30, lossy), hostDone()];
    expect(asNmap(events)).toContain("Not shown: 60 filtered tcp ports (no-response)\n");
  });

  it("warns of a lossy run", () => {
    const text = asNmap([START, done({ loss: { lossShare: 0.4, missedEstimate: 12.3 } })]);
    expect(text).toContain("Warning: about 40 % of probes or answers were lost; about 12 ports may be wrongly called");
  });

  it("cannot steer the terminal by its words", () => {
    const text = asNmap([START, done()], { showNotices: true, words: ["nmap", "-p\u001b[2J", "\u202e1"] });
    expect(text.replaceAll("\n", "")).not.toMatch(/\p{C}/u);
  });
});
