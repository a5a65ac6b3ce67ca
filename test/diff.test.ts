// Two scans with a change between them: postern diff finds what is true, and writes in Ndiff's form what real ndiff writes.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { SaxesParser } from "saxes";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasProgram, labEnvironment } from "../lab/availability.js";
import type { HostSpec } from "../lab/hosts.js";
import { createLab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { POSTERN } from "./postern.js";

const PORTS = "22,25,80,443,8080";

const CHANGING: HostSpec = { name: "changing", summary: "opens, closes and hides ports", tcp: [22, 80] };
const STEADY: HostSpec = { name: "steady", summary: "stays as it is", tcp: [443] };
const LEAVING: HostSpec = { name: "leaving", summary: "is there at first", tcp: [22] };
const COMING: HostSpec = { name: "coming", summary: "is there in the end", tcp: [80] };

const BEFORE: readonly HostSpec[] = [
  { ...CHANGING, banners: { 22: "SSH-2.0-OpenSSH_9.6\r\n" } },
  STEADY,
  LEAVING,
  { ...COMING, isDown: true },
];
const AFTER: readonly HostSpec[] = [
  {
    ...CHANGING,
    tcp: [22, 8080],
    banners: { 22: "SSH-2.0-OpenSSH_9.8\r\n" },
    rules: [{ ports: [25], verdict: "drop" }],
  },
  STEADY,
  { ...LEAVING, isDown: true },
  COMING,
];

/** Who scans, and with what. */
const SCANS = [
  { name: "nmap", program: "nmap", args: ["-n", "-p", PORTS] },
  { name: "versions", program: "nmap", args: ["-n", "-sV", "-p", "22"] },
  { name: "postern", program: POSTERN, args: ["-n", "-p", PORTS] },
] as const;

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program outside of the lab to its end. */
function run(program: string, args: readonly string[], input = ""): Ended {
  const done = spawnSync(program, args, { env: labEnvironment(), encoding: "utf8", input, timeout: 30_000 });
  return { status: done.status, stdout: done.stdout, stderr: done.stderr };
}

function diff(args: readonly string[], input?: string): Ended {
  return run(POSTERN, ["diff", ...args], input);
}

/**
 * What Ndiff's XML says, whatever the order of attributes and the line ends: each attribute that names a host or tells of a
 * port, below the path of elements that it stands in.
 */
function factsOf(xml: string): readonly string[] {
  const told = ["status", "address", "port", "state", "service", "extraports"];
  const parser = new SaxesParser();
  const path: string[] = [];
  const facts: string[] = [];
  parser.on("opentag", ({ name, attributes }) => {
    path.push(name);
    if (!told.includes(name)) return;
    const values = Object.entries(attributes).sort(([one], [other]) => (one < other ? -1 : 1));
    facts.push(`${path.join("/")} ${JSON.stringify(values)}`);
  });
  parser.on("closetag", () => path.pop());
  parser.write(xml).close();
  return facts;
}

describeLab("two scans", () => {
  let folder: string;
  let addresses: readonly string[];

  const file = (scan: string, when: "before" | "after") => path.join(folder, `${scan}-${when}.xml`);

  /** Scans as each program does, in a network of these hosts. */
  async function scanAll(hosts: readonly HostSpec[], when: "before" | "after"): Promise<void> {
    const lab = await createLab({ topology: "routed", hosts });
    try {
      addresses = lab.hosts.map(({ ipv4 }) => ipv4);
      for (const { name, program, args } of SCANS) {
        if (!hasProgram("nmap") && program === "nmap") continue;
        const targets = name === "versions" ? addresses.slice(0, 1) : addresses;
        const done = await lab.scanner.run(program, [...args, "-oX", file(name, when), ...targets]);
        expect({ status: done.status, stderr: done.stderr }).toEqual({ status: 0, stderr: "" });
      }
    } finally {
      await lab.dispose();
    }
  }

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "postern-diff-"));
    await scanAll(BEFORE, "before");
    await scanAll(AFTER, "after");
  });
  afterAll(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  const forms = hasProgram("nmap") ? ["nmap", "postern"] : ["postern"];

  describe.each(forms)("of %s", (scan) => {
    test("what has changed is told, and nothing else", () => {
      const { status, stdout, stderr } = diff([file(scan, "before"), file(scan, "after")]);
      expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
      const [changing, , leaving, coming] = addresses;
      expect(stdout.split("\n").slice(3)).toEqual([
        `~ ${changing}`,
        "  + 8080/tcp closed -> open      http-proxy",
        "  - 80/tcp   open -> closed      http",
        "  ~ 25/tcp   closed -> filtered",
        "",
        `- ${leaving} is gone`,
        "  - 22/tcp open  ssh",
        "    4 tcp ports closed: 25,80,443,8080",
        "",
        `+ ${coming} is new`,
        "  + 80/tcp open  http",
        "    4 tcp ports closed: 22,25,443,8080",
        "",
        "1 host new, 1 host gone, 1 of 2 hosts changed.",
        "1 port opened, 1 port closed, 1 port changed otherwise.",
        "",
      ]);
    });

    test("a report is the same as itself", () => {
      const { status, stdout } = diff(["--json", file(scan, "before"), file(scan, "before")]);
      expect(status).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ hosts: [], summary: { isEqual: true, hostsCompared: 3 } });
    });
  });

  test.skipIf(!hasProgram("nmap"))("nmap's report against postern's of the same network", () => {
    const { status, stdout } = diff([file("nmap", "after"), file("postern", "after")]);
    expect(stdout).toContain("No changes: 3 hosts and 15 ports compared.");
    expect(status).toBe(0);
  });

  describe.skipIf(!hasProgram("nmap") || !hasProgram("ndiff"))("beside real ndiff", () => {
    test.each([
      ["nmap", []],
      ["versions", []],
      ["nmap", ["-v"]],
    ])("%s %j: the same hosts, states and services", (scan, options) => {
      const files = [...options, file(scan, "before"), file(scan, "after")];
      const ours = diff(["--xml", ...files]);
      const theirs = run("ndiff", ["--xml", ...files]);
      expect(factsOf(ours.stdout)).toEqual(factsOf(theirs.stdout));
      expect(factsOf(ours.stdout).length).toBeGreaterThan(0);
      expect([ours.status, run("ndiff", files).status]).toEqual([1, 1]);
    });
  });

  test("a report from standard input, one that is none, and one that is not there", () => {
    const before = readFileSync(file("postern", "before"), "utf8");
    const same = diff(["-", file("postern", "before")], before);
    expect(same.status).toBe(0);
    const text = path.join(folder, "text");
    writeFileSync(text, "no report\n");
    const none = diff([text, file("postern", "before")]);
    expect(none.status).toBe(2);
    expect(none.stderr).toMatch(/^postern: .*\/text: is no report of a form that can be read\n {2}\S.*\n$/);
    const missing = diff([path.join(folder, "missing"), file("postern", "before")]);
    expect(missing).toMatchObject({ status: 2, stdout: "" });
  });
});
