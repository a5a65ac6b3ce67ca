// Scans of loopback addresses that were interrupted or killed, and gone on with from each of their reports.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { POSTERN } from "./postern.js";

const ENDINGS = ["nmap", "xml", "gnmap", "jsonl"] as const;
/** Forty hosts with a port each, and one with more ports than there is time for. */
const TARGETS = ["127.0.0.1-40", "127.0.1.1:1-80"];
const WORDS = ["-sT", "-n", "-p", "1", "-oA", "s", "-oJ", "s.jsonl"];

let folder = "";
let wholeFolder = "";

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "postern-resume-"));
  wholeFolder = path.join(folder, "whole");
  const interrupted = path.join(folder, "interrupted");
  for (const name of [wholeFolder, interrupted])
    cpSync(mkdtempSync(path.join(folder, "empty-")), name, { recursive: true });
  await Promise.all([run([...WORDS, ...TARGETS], wholeFolder), interrupt("SIGINT", interrupted)]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(words: readonly string[], cwd: string): Promise<Run> {
  return new Promise((resolve) => {
    execFile(POSTERN, words, { cwd }, (error, stdout, stderr) => {
      resolve({ status: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}

/** Ends a scan when some hosts are done and others are not. */
async function interrupt(signal: NodeJS.Signals, cwd: string): Promise<void> {
  const words = ["--max-rate", "60", ...WORDS, ...TARGETS];
  const child: ChildProcess = spawn(POSTERN, words, { cwd, stdio: "ignore" });
  const ended = once(child, "exit");
  while (doneCount(cwd) < 10) await sleep(20);
  child.kill(signal);
  await ended;
}

function doneCount(cwd: string): number {
  const file = path.join(cwd, "s.jsonl");
  return existsSync(file) ? (readFileSync(file, "utf8").match(/"end":"done"/g) ?? []).length : 0;
}

/** A copy of what a scan has left. */
function copyOf(name: string): string {
  const copy = mkdtempSync(path.join(folder, "copy-"));
  cpSync(path.join(folder, name), copy, { recursive: true });
  return copy;
}

/** Its hosts with their ports: lines of text, or what postern itself reads. */
async function hostsOf(file: string): Promise<readonly string[]> {
  if (file.endsWith(".gnmap")) return (readFileSync(file, "utf8").match(/^Host: .*$/gm) ?? []).sort();
  if (file.endsWith(".nmap")) return hostsOfText(readFileSync(file, "utf8"));
  const { status, stdout, stderr } = await run(["convert", file, "--to", "csv", "-"], folder);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const [head = "", ...rows] = stdout.trimEnd().split("\r\n");
  const wanted = ["address", "protocol", "port", "state"].map((name) => head.split(",").indexOf(name));
  return rows.map((row) => wanted.map((at) => row.split(",")[at]).join(" ")).sort();
}

function hostsOfText(text: string): readonly string[] {
  const hosts = text.split(/^postern report for /m).slice(1);
  return hosts
    .map(
      (host) =>
        host
          .split("\n\n")[0]
          ?.replace(/ \([\d.]+s latency\)/, "")
          .trimEnd() ?? "",
    )
    .sort();
}

describe("an interrupted scan goes on", () => {
  test.each(ENDINGS)("from s.%s, in all of its reports", async (ending) => {
    const cwd = copyOf("interrupted");
    const { status, stderr, stdout } = await run(["--resume", `s.${ending}`, "--max-rate", "5000"], cwd);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringMatching(/^Going on with: postern --max-rate 60 -sT .*\nDone before: \d+ hosts, in .*\n$/),
    });
    expect(stdout).not.toContain("report for 127.0.0.1\n".repeat(2));
    for (const other of ENDINGS) {
      const file = path.join(cwd, `s.${other}`);
      expect(await hostsOf(file)).toEqual(await hostsOf(path.join(wholeFolder, `s.${other}`)));
      expect(readFileSync(file, "utf8")).not.toContain("stopped");
    }
    expect(readdirSync(cwd).sort()).toEqual(ENDINGS.map((other) => `s.${other}`).sort());
    const again = await run(["--resume", `s.${ending}`], cwd);
    expect(again).toEqual({
      status: 0,
      stderr: "",
      stdout: `Nothing is left to scan: s.${ending} is the report of a scan that was done.\n`,
    });
  });

  test("from wherever it is called, after another interrupt, and keeps rights", async () => {
    const cwd = copyOf("interrupted");
    const file = path.join(cwd, "s.xml");
    const before = statSync(file);
    const child = spawn(POSTERN, ["--resume", file, "--max-rate", "40"], { cwd: "/", stdio: "ignore" });
    const ended = once(child, "exit");
    await sleep(700);
    child.kill("SIGKILL");
    await ended;
    expect((await run(["--resume", file, "--max-rate", "5000"], "/")).status).toBe(0);
    expect(await hostsOf(file)).toEqual(await hostsOf(path.join(wholeFolder, "s.xml")));
    expect(statSync(file).mode).toBe(before.mode);
  });
});

test("a killed scan goes on from XML that ends anywhere", async () => {
  const text = readFileSync(path.join(folder, "interrupted", "s.xml"), "utf8");
  const begin = text.indexOf("<?postern-start");
  for (const share of [0.1, 0.5, 0.9]) {
    const cwd = copyOf("interrupted");
    const file = path.join(cwd, "s.xml");
    writeFileSync(file, text.slice(0, begin + Math.floor((text.length - begin) * share)));
    expect((await run(["--resume", "s.xml", "--max-rate", "5000"], cwd)).status).toBe(0);
    for (const ending of ENDINGS) {
      expect(await hostsOf(path.join(cwd, `s.${ending}`))).toEqual(
        await hostsOf(path.join(wholeFolder, `s.${ending}`)),
      );
    }
  }
});

test("nmap's reports go on in nmap's name, and stay as nmap wrote them", async () => {
  const cwd = mkdtempSync(path.join(folder, "nmap-"));
  const words = "nmap -sT -n -p 1 -oX n.xml 127.0.0.1-3";
  const host =
    '<host starttime="1795530876" endtime="1795530876"><status state="up" reason="localhost-response" reason_ttl="0"/>\n' +
    '<address addr="127.0.0.1" addrtype="ipv4"/>\n<hostnames>\n</hostnames>\n<ports><port protocol="tcp" portid="1">' +
    '<state state="closed" reason="conn-refused" reason_ttl="0"/><service name="theirs" method="table" conf="3"/></port>\n' +
    '</ports>\n<times srtt="107" rttvar="5000" to="100000"/>\n</host>\n';
  const head =
    `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE nmaprun>\n<nmaprun scanner="nmap" args="${words}" start="1795530876" ` +
    'startstr="Tue Nov 24 14:34:36 2026" version="7.93" xmloutputversion="1.05">\n' +
    '<scaninfo type="connect" protocol="tcp" numservices="1" services="1"/>\n<verbose level="0"/>\n<debugging level="0"/>\n';
  writeFileSync(path.join(cwd, "n.xml"), `${head}${host}<host starttime="1795530876"><status state="up`);
  const { status, stderr, stdout } = await run(["--as", "nmap", "--resume", "n.xml"], cwd);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(/^Starting Nmap .*\nGoing on with: nmap -sT .*\nDone before: 1 host, in /);
  const text = readFileSync(path.join(cwd, "n.xml"), "utf8");
  expect(text.startsWith(head + host)).toBe(true);
  expect(text.match(/addr="127\.0\.0\.\d"/g)?.sort()).toEqual([1, 2, 3].map((last) => `addr="127.0.0.${last}"`));
  expect(text).toMatch(/summary="Nmap done at .*exit="success"\/><hosts up="3" down="0" total="3"\/>/);
});
