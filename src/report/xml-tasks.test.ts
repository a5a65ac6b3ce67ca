import { describe, expect, it } from "vitest";
import type { ProgressEvent, ScanEvent, TechniqueChoice } from "../model/scan-event.js";
import { done, host, hostDone, START } from "./normal-events.test.data.js";
import type { ReportOptions } from "./report-writer.js";
import { writeWith } from "./rich-scan.test.data.js";
import { xml } from "./xml.js";

function technique(role: TechniqueChoice["role"], name: string): ScanEvent {
  return { type: "technique", choice: { role, technique: name, transport: "raw IP", because: "it can" } };
}

function progress(elapsedMs: number, phase: ProgressEvent["phase"]): ProgressEvent {
  const { counts } = done();
  return { type: "progress", phase, shareDone: elapsedMs / 100_000, ratePps: 1, elapsedMs, leftMs: 9000, counts };
}

function taskLines(events: readonly ScanEvent[], options: Partial<ReportOptions> = { verbosity: 1 }): string {
  const lines = writeWith(xml, [START, ...events], options).split("\n");
  return lines.filter((line) => line.includes("<task")).join("\n");
}

describe("tasks in XML", () => {
  it("begin with the first use of a technique and end with their phase, a line each", () => {
    const events = [
      technique("discovery", "arp"),
      technique("discovery", "icmp-echo"),
      technique("discovery", "tcp-ack"),
      { ...host(), at: "2026-11-23T15:10:09Z" },
      technique("ports", "tcp-syn"),
      technique("ports", "udp"),
      progress(3000, "ports"),
      technique("trace", "tcp-syn"),
      hostDone(),
      done({ finishedAt: "2026-11-23T15:10:17Z" }),
    ];
    expect(taskLines(events)).toMatchInlineSnapshot(`
      "<taskbegin task="ARP Ping Scan" time="1795446607"/>
      <taskbegin task="Ping Scan" time="1795446607"/>
      <taskbegin task="SYN Stealth Scan" time="1795446609"/>
      <taskbegin task="UDP Scan" time="1795446609"/>
      <taskend task="ARP Ping Scan" time="1795446610"/>
      <taskend task="Ping Scan" time="1795446610"/>
      <taskbegin task="Traceroute" time="1795446610"/>
      <taskend task="SYN Stealth Scan" time="1795446617"/>
      <taskend task="UDP Scan" time="1795446617"/>
      <taskend task="Traceroute" time="1795446617"/>"
    `);
  });

  it("say how far they are at most as often as --stats-every says", () => {
    const steps = Array.from({ length: 40 }, (_, at) => progress(at * 250, "ports"));
    const events = [technique("ports", "tcp-syn"), ...steps];
    const lines = taskLines(events, { verbosity: 0, statsEveryMs: 4000 }).split("\n");
    expect(lines).toEqual([
      '<taskbegin task="SYN Stealth Scan" time="1795446607"/>',
      '<taskprogress task="SYN Stealth Scan" time="1795446611" percent="4.00" remaining="9" etc="1795446620"/>',
      '<taskprogress task="SYN Stealth Scan" time="1795446615" percent="8.00" remaining="9" etc="1795446624"/>',
    ]);
  });

  it("say nothing of how far they are while nobody can tell: python-libnmap wants every attribute", () => {
    const events = [technique("ports", "tcp-syn"), { ...progress(50_000, "ports"), leftMs: undefined }];
    expect(taskLines(events, { verbosity: 0, statsEveryMs: 1 })).not.toContain("taskprogress");
    expect(taskLines([progress(50_000, "ports")])).toBe("");
  });

  it("are told with -v or -d, as nmap does", () => {
    const events = [technique("ports", "tcp-syn"), done()];
    expect(taskLines(events, {})).toBe("");
    expect(taskLines(events, { debugging: 1 })).not.toBe("");
  });
});
