import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InputError, UsageError } from "../model/errors.js";
import type { CompactScanEvent } from "../model/scan-event.js";
import { REPORT_WRITERS } from "../report/forms.js";
import { done, host, hostDone, port, START } from "../report/normal-events.test.data.js";
import { parseNmapArguments } from "./as-nmap-options.js";
import { isReport, type ResumedReport, readResumedReport } from "./resume-report.js";
import { openReports, withoutFinished } from "./resume-scan.js";
import { shellWord } from "./resume-settings.js";
import { goneOnWith } from "./resume-stages.js";
import { parseScanArguments } from "./scan-options.js";

let root = "";
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), "postern-resume-"));
});
afterAll(() => rmSync(root, { recursive: true }));

function folder(): string {
  return mkdtempSync(path.join(root, "f-"));
}

const EVENTS = [
  START,
  host({ id: 1, address: "10.0.0.1" }),
  { ...port(22), hostId: 1 },
  { ...hostDone(), hostId: 1 },
  host({ id: 2, address: "10.0.0.2" }),
  { ...hostDone(), hostId: 2, end: "stopped" as const },
];

/** Writes the report of an interrupted scan. */
function write(file: string, form: string, line: string, program: "postern" | "nmap" = "postern", isCut = false): void {
  const sink = REPORT_WRITERS.find(({ name }) => name === form)?.open({
    showReason: false,
    onlyOpen: false,
    verbosity: 0,
    showNotices: true,
    program,
    words: line.split(" "),
    serviceName: () => undefined,
  });
  const events = isCut ? EVENTS : [...EVENTS, done({ isAborted: true })];
  writeFileSync(file, events.map((event) => sink?.(event)).join(""));
}

function resume(file: string, options = "", parse = parseScanArguments): Promise<ResumedReport> {
  const words = ["--resume", file, ...options.split(" ").filter((word) => word !== "")];
  return readResumedReport(parseScanArguments(words), file, parse);
}

async function complaint(file: string, options = ""): Promise<string> {
  const error = await resume(file, options).catch((one: unknown) => one);
  if (!(error instanceof InputError || error instanceof UsageError)) throw error;
  return `${error.message.replace(`${file}: `, "")} / ${error.hint ?? ""}`;
}

/** What is said against going on from a report with this command line. */
function complaintAbout(line: string, options = ""): Promise<string> {
  const file = path.join(folder(), "r");
  write(file, "xml", line);
  return complaint(file, options);
}

describe("from a report", () => {
  test.each(["xml", "normal", "grepable", "jsonl"])("of the form %s", async (form) => {
    const file = path.join(folder(), "r");
    write(file, form, "postern -p 22 --max-rate 7 -v 10.0.0.0/30", "postern", true);
    expect(isReport(file)).toBe(true);
    const seen = await resume(file, "-T4 --max-rate 9 -n");
    expect(seen).toMatchObject({
      commandLine: "postern -p 22 --max-rate 7 -v 10.0.0.0/30",
      isDone: false,
      warnings: [],
    });
    expect([...seen.finished]).toEqual([["10.0.0.1", "up"]]);
    expect(seen.settings).toMatchObject({
      portsText: "22",
      verbosity: 1,
      targetTexts: ["10.0.0.0/30"],
      resumeFile: undefined,
    });
    expect(seen.settings.timing).toMatchObject({ template: 4, maxRatePps: 9 });
    expect(seen.settings.dns.scope).toBe("none");
    expect(seen.files.map(({ path: to, cutter }) => [to, cutter.name])).toEqual([[file, form]]);
  });

  test("the order of probes is that of the report, where it says so", async () => {
    const file = path.join(folder(), "r");
    write(file, "xml", "postern 10.0.0.1");
    expect((await resume(file)).settings.seed).toBe(START.seed);
    write(file, "normal", "postern --shard 1/2 10.0.0.0/30");
    expect(await complaint(file)).toContain("in which order --shard has counted");
  });

  test("hosts that are done can be reached by nothing", async () => {
    const made = { plan: { targets: { groups: [], excluded: [], defaultPorts: {} } }, warnings: [] };
    const finished = new Map([
      ["10.0.0.1", "up" as const],
      ["fe80::1%lo", "down" as const],
    ]);
    // @ts-expect-error: only the targets are looked at
    expect(withoutFinished(made, { finished }).plan.targets.excluded).toEqual([
      { kind: "ipv4-range", base: 0x0a000001, count: 1 },
      expect.objectContaining({ kind: "ipv6-prefix", prefix: 128, zone: "lo" }),
    ]);
  });
});

describe("what a command line in a report may not do", () => {
  test.each([
    ["postern -iL hosts.txt", "-iL hosts.txt / if they are right, say them again: --resume "],
    ["postern --excludefile no 10.0.0.1", "--excludefile no / "],
    ["postern --servicedb /etc/shadow 10.0.0.1", "--servicedb /etc/shadow"],
    ["postern --datadir /x 10.0.0.1", "--datadir /x"],
    ["postern --dns-servers 192.0.2.1 10.0.0.1", "--dns-servers 192.0.2.1"],
    ["postern --syslog-to udp://[fd00::1] 10.0.0.1", "--syslog-to 'udp://[fd00::1]:514'"],
    ["postern --history-file /h.db 10.0.0.1", "--history-file /h.db"],
    ["postern -iL a -iL b --datadir /x 10.0.0.1", "-iL a -iL b --datadir /x"],
    ["postern --resume j", "a scan that went on from a journal or report itself"],
    ["postern --append-output 10.0.0.1", "it may hold several reports"],
    ["postern sockets -oX r", "it is a report of postern sockets, which is no scan"],
    ["postern -h", "asks for no scan"],
    ["postern --journal /etc/passwd 10.0.0.1", "--resume /etc/passwd goes on in the middle of hosts"],
    ["postern -sV 10.0.0.1", "-sV ("],
    ["postern --as nmap 10.0.0.1", "--as decides how all other words are read"],
    ["masscan 10.0.0.1", 'it was written by "masscan"'],
    ["", 'it was written by ""'],
    ["postern \u001b[2J", "its command line cannot be taken apart"],
  ])("%s", async (line, why) => {
    expect(await complaintAbout(line)).toContain(why);
  });

  test("said again, it is taken; a list of other targets is not", async () => {
    const file = path.join(folder(), "r");
    write(file, "xml", "postern -iL a --dns-servers 192.0.2.1");
    const { settings } = await resume(file, "-iL a --dns-servers 192.0.2.7");
    expect(settings).toMatchObject({ inputLists: ["a"], dns: { servers: ["192.0.2.7:53"] } });
    expect(await complaint(file, "-iL b --dns-servers 192.0.2.1")).toContain('-iL "b" is not in it');
    expect(await complaint(file, "-oN other")).toContain("no other reports can be asked for");
  });

  test("it authorizes nothing", async () => {
    const file = path.join(folder(), "r");
    write(file, "xml", "postern --authorized 192.0.2.0/24 192.0.2.1");
    expect((await resume(file)).settings.authorized).toEqual([]);
    expect((await resume(file, "--authorized 192.0.2.1")).settings.authorized).toEqual(["192.0.2.1"]);
  });

  test("in nmap's name its options of services are taken without effect", async () => {
    const file = path.join(folder(), "r");
    write(file, "xml", "nmap -sV 10.0.0.1", "nmap");
    const seen = await resume(file, "", (words) => parseNmapArguments(words, true).settings);
    expect(seen).toMatchObject({ program: "nmap", settings: { targetTexts: ["10.0.0.1"] } });
  });

  test("what a shell would take apart is quoted", () => {
    expect(["a.b/c", "a b", "$(x)", "it's", "", "-iL"].map(shellWord)).toEqual([
      "a.b/c",
      "'a b'",
      "'$(x)'",
      "'it'\\''s'",
      "''",
      "-iL",
    ]);
  });
});

describe("the files that are written", () => {
  const LINE = "postern -oX s.xml -oN s.nmap -oG s.gnmap -oC s.csv -p 22 10.0.0.0/30";

  function writeAll(at: string): void {
    write(path.join(at, "s.xml"), "xml", LINE);
    write(path.join(at, "s.nmap"), "normal", LINE);
    write(path.join(at, "s.gnmap"), "grepable", LINE);
  }

  test("are those of the same scan, whichever is named", async () => {
    const at = folder();
    writeAll(at);
    for (const name of ["s.xml", "s.nmap", "s.gnmap"]) {
      const { files, warnings } = await resume(path.join(at, name));
      expect(files.map(({ path: to }) => path.basename(to)).sort()).toEqual(["s.gnmap", "s.nmap", "s.xml"]);
      expect(warnings).toEqual([
        '"s.csv" is left as it is: postern convert makes this form anew when the scan is done',
      ]);
    }
  });

  test("are no links, no folders, and nothing else that stands there", async () => {
    const at = folder();
    writeAll(at);
    const precious = path.join(at, "precious");
    writeFileSync(precious, "precious");
    rmSync(path.join(at, "s.nmap"));
    symlinkSync(precious, path.join(at, "s.nmap"));
    writeFileSync(path.join(at, "s.gnmap"), "# of something else\n");
    const { files, warnings } = await resume(path.join(at, "s.xml"));
    expect(files.map(({ path: to }) => path.basename(to))).toEqual(["s.xml"]);
    expect(warnings.slice(0, 2)).toEqual([
      '"s.nmap" is left as it is: it is no plain file',
      '"s.gnmap" is left as it is: it is no report of the same scan',
    ]);
  });

  test("are not those of another run with the same command line", async () => {
    const at = folder();
    writeAll(at);
    const other = readFileSync(path.join(at, "s.nmap"), "utf8").replace(" 15:10:07 ", " 15:20:09 ");
    writeFileSync(path.join(at, "s.nmap"), other);
    expect((await resume(path.join(at, "s.xml"))).warnings[0]).toContain("no report of the same scan");
  });

  test("are found below folders, by times in their names, and when the report was renamed", async () => {
    const at = folder();
    mkdirSync(path.join(at, "out"));
    const line = "postern -oX out/%Y-%m-%d.xml -oG out/b.gnmap 10.0.0.1";
    const xml = path.join(at, "out", "2026-11-23.xml");
    write(xml, "xml", line);
    write(path.join(at, "out", "b.gnmap"), "grepable", line);
    expect((await resume(xml)).files).toHaveLength(2);
    writeFileSync(path.join(at, "renamed"), readFileSync(xml));
    rmSync(xml);
    expect((await resume(path.join(at, "renamed"))).files.map(({ path: to }) => path.basename(to))).toContain(
      "renamed",
    );
  });

  test("one that has found nothing yet has the form that its command line says", async () => {
    const at = folder();
    const file = path.join(at, "r");
    writeFileSync(file, "# postern 1 scan initiated Mon Nov 23 15:10:07 2026 as: postern -oG r 10.0.0.1\n");
    expect((await resume(file)).files.map(({ cutter }) => cutter.name)).toEqual(["grepable"]);
    writeFileSync(file, "# postern 1 scan initiated Mon Nov 23 15:10:07 2026 as: postern 10.0.0.1\n");
    expect(await complaint(file)).toContain("not certain which form");
  });

  test("hosts count as done only where all files have them, and nothing is touched before the scan begins", async () => {
    const at = folder();
    writeAll(at);
    const before = readFileSync(path.join(at, "s.xml"), "utf8");
    writeFileSync(path.join(at, "s.gnmap"), `${readFileSync(path.join(at, "s.gnmap"), "utf8").split("\n")[0]}\n`);
    const resumed = await resume(path.join(at, "s.xml"));
    expect(resumed.finished.size).toBe(0);
    const console = { writeOut() {} };
    // @ts-expect-error: only where standard output goes is looked at
    const files = await openReports(resumed.settings, OPTIONS, console, resumed);
    expect(readdirSync(at)).toHaveLength(6);
    files.close();
    expect(readdirSync(at)).toHaveLength(3);
    expect(readFileSync(path.join(at, "s.xml"), "utf8")).toBe(before);
  });
});

const OPTIONS = { showReason: false, onlyOpen: false, verbosity: 0, serviceName: () => undefined };

test("numbers of hosts go on, and counts are those of all runs", async () => {
  const events: CompactScanEvent[] = [START, host({ id: 0 }), { ...hostDone(), hostId: 0 }, done({ elapsedMs: 1000 })];
  const finished = new Map([
    ["10.0.0.1", "up" as const],
    ["10.0.0.2", "down" as const],
  ]);
  const told: CompactScanEvent[] = [];
  async function* stream(): AsyncGenerator<CompactScanEvent, void, void> {
    yield* events;
  }
  for await (const event of goneOnWith(stream(), { finished, nextHostId: 5, earlier: done({ elapsedMs: 500 }) }))
    told.push(event);
  const { counts } = done();
  expect(told.map(({ type }) => type)).toEqual(["start", "notice", "host", "host-done", "done"]);
  expect(told[2]).toMatchObject({ host: { id: 5 } });
  expect(told[3]).toMatchObject({ hostId: 5 });
  expect(told[4]).toMatchObject({
    elapsedMs: 1500,
    counts: { hosts: counts.hosts + 2, hostsUp: counts.hostsUp + 1, sent: counts.sent * 2 },
  });
});

test("what is no report", async () => {
  const at = folder();
  const file = path.join(at, "r");
  for (const [text, why] of [
    [
      '<?xml version="1.0"?>\n<!DOCTYPE nmaprun>\n<nmaprun scanner="nmap" start="1">\n</nmaprun>\n',
      "no command line in it",
    ],
    [
      '[\n{   "ip": "10.0.0.1", "timestamp": "1", "ports": [ {"port": 1, "proto": "tcp", "status": "open"} ] }\n',
      "of this form",
    ],
  ] as const) {
    writeFileSync(file, text);
    expect(await complaint(file)).toContain(why);
  }
  writeFileSync(file, '{"type":"journal"');
  expect(isReport(file)).toBe(false);
  writeFileSync(file, "");
  expect(isReport(file)).toBe(false);
  expect(() => isReport(path.join(at, "none"))).toThrow("ENOENT");
  expect(() => isReport(at)).toThrow("no file that a journal or report can be in");
});
