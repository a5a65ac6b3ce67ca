// Programs that drive nmap find the same with postern in its place: hosts, ports and states, against the same targets.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasProgram } from "../lab/availability.js";
import { VERDICT_PORTS } from "../lab/hosts.js";
import { NOBODY_UID, type RunOptions } from "../lab/machine.js";
import { createLab, type Lab, type LabHost } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import {
  type ClientHost,
  type ClientName,
  type ClientView,
  hasClient,
  NmapLink,
  type Program,
  viewOf,
} from "./nmap-clients.js";

/** Open, closed, and each way to refuse. */
const PORTS = [22, 80, 81, ...VERDICT_PORTS].join(",");
const NMAP_XSL = "/usr/share/nmap/nmap.xsl";
const NMAP_DTD = "/usr/share/nmap/nmap.dtd";
/** nmap's names of ports for both, where reports are compared by their text. */
const NAMES = ["--datadir", "/usr/share/nmap"];

function statesIn({ hosts }: ClientView): Record<string, Pick<ClientHost, "state" | "ports">> {
  return Object.fromEntries(Object.entries(hosts).map(([address, { state, ports }]) => [address, { state, ports }]));
}

/** What is true of the ports of these hosts, as clients tell it. */
function truthOf(hosts: readonly LabHost[]): Record<string, Pick<ClientHost, "state" | "ports">> {
  const numbers = PORTS.split(",").map(Number);
  return Object.fromEntries(
    hosts.map((host) => [
      host.ipv4,
      {
        state: "up",
        ports: Object.fromEntries(numbers.map((port) => [`${port}/tcp`, host.expected(port).state])),
      },
    ]),
  );
}

describeLab("clients of nmap", () => {
  let lab: Lab;
  let link: NmapLink;
  let folder: string;

  beforeAll(async () => {
    lab = await createLab({ topology: "routed" });
    link = new NmapLink();
    folder = mkdtempSync(path.join(tmpdir(), "postern-clients-"));
  });
  afterAll(async () => {
    await lab?.dispose();
    link?.remove();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  const targets = (): LabHost[] => ["plain", "strict", "behind", "quiet"].map((name) => lab.host(name));
  const addresses = (): string[] => targets().map(({ ipv4 }) => ipv4);

  /** The same by both; a client that is not installed says so by the name of its test. */
  async function compare(
    name: ClientName,
    args: (program: Program) => readonly string[],
    options: RunOptions = {},
  ): Promise<Record<"ours" | "theirs", ClientView>> {
    const [ours, theirs] = await Promise.all(
      (["postern", "nmap"] as const).map((program) =>
        viewOf(lab.scanner, name, args(program), { env: link.environment(program), ...options }),
      ),
    );
    expect(statesIn(ours as ClientView)).toEqual(statesIn(theirs as ClientView));
    return { ours: ours as ClientView, theirs: theirs as ClientView };
  }

  /** An XML report of each of both, with options. */
  async function reports(args: readonly string[]): Promise<Record<"nmap" | "postern", string>> {
    const files = { nmap: path.join(folder, "nmap.xml"), postern: path.join(folder, "postern.xml") };
    for (const program of ["nmap", "postern"] as const) {
      const done = await lab.scanner.run("nmap", ["-oX", files[program], ...args], { env: link.environment(program) });
      expect({ status: done.status, stderr: done.stderr }).toEqual({ status: 0, stderr: "" });
    }
    return files;
  }

  describe.skipIf(!hasProgram("nmap"))("beside real nmap", () => {
    test.skipIf(!hasClient("python-nmap.py"))("python-nmap", async () => {
      const { ours, theirs } = await compare("python-nmap.py", () => [addresses().join(" "), PORTS, "-n"]);
      expect(statesIn(ours)).toEqual(truthOf(targets()));
      expect(ours).toMatchObject({ version: [7, expect.any(Number)], errors: [], warnings: [] });
      const { uphosts, downhosts, totalhosts } = theirs.stats as Record<string, string>;
      expect(ours.stats).toMatchObject({ uphosts, downhosts, totalhosts });
      const lines = (view: ClientView) => String(view.csv).split("\r\n").length;
      expect(lines(ours)).toBe(lines(theirs));
    });

    test.skipIf(!hasClient("python-nmap.py"))("python-nmap as it scans by default, with -sV", async () => {
      // A port with a banner that nmap knows: it would ask others for a minute.
      const { ours } = await compare("python-nmap.py", () => [lab.host("plain").ipv4, "22,81", ""]);
      expect(ours).toMatchObject({ errors: [], warnings: [] });
      expect(ours.hosts[lab.host("plain").ipv4]?.services).toMatchObject({ "22/tcp": "ssh" });
    });

    test.skipIf(!hasClient("python-nmap.py"))("python-nmap lists, pings, and asks for UDP", async () => {
      const range = `${lab.host("plain").ipv4} ${lab.host("down").ipv4}`;
      await compare("python-nmap.py", () => [range, "", "-n -sL"]);
      await compare("python-nmap.py", () => [range, "", "-n -sn"]);
      await compare("python-nmap.py", () => [lab.host("plain").ipv4, "T:22,81,U:53,54", "-n -sS -sU"]);
    });

    test.skipIf(!hasClient("python-nmap.py"))("python-nmap over IPv6, and without privileges", async () => {
      const { ipv4, ipv6 } = lab.host("strict");
      if (lab.hasIpv6) await compare("python-nmap.py", () => [ipv6, PORTS, "-6 -n"]);
      // Without 1003: a connect that is refused by an ICMP error is "closed" for nmap, which cannot tell that from a RST.
      const ports = "22,80,81,1001,1002,1004-1009";
      const { ours } = await compare("python-nmap.py", () => [ipv4, ports, "-n"], { uid: NOBODY_UID });
      expect(ours).toMatchObject({ errors: [], warnings: [] });
    });

    test.skipIf(!hasClient("python-libnmap.py"))("python-libnmap, which reads while the scan runs", async () => {
      const { ours, theirs } = await compare("python-libnmap.py", () => [`-n -p ${PORTS}`, ...addresses()]);
      expect(ours).toMatchObject({ status: 0, isSuccessful: true, errors: "", exit: true, numbers: theirs.numbers });
      expect(ours.tasks).toContain("SYN Stealth Scan");
      expect(ours.tasks).toContain("Ping Scan");
      expect(Number(ours.elapsed)).toBeGreaterThan(0);
    });

    test.skipIf(!hasClient("nmap-parser.pl"))("Nmap::Parser", async () => {
      const path = (program: string) => (program === "nmap" ? "nmap" : link.nmap);
      const { ours } = await compare("nmap-parser.pl", (program) => [path(program), `-n -p ${PORTS}`, ...addresses()]);
      expect(statesIn(ours)).toEqual(truthOf(targets()));
      expect(ours.version).toMatch(/^7\.9\d$/);
    });

    test.skipIf(!hasClient("xml-simple.pl"))("XML::Simple", async () => {
      const files = await reports(["-n", "-p", PORTS, ...addresses()]);
      const ours = await viewOf(lab.scanner, "xml-simple.pl", [files.postern]);
      expect(statesIn(ours)).toEqual(statesIn(await viewOf(lab.scanner, "xml-simple.pl", [files.nmap])));
      expect(ours).toMatchObject({ scanner: "nmap", up: String(addresses().length) });
    });

    test.skipIf(!hasProgram("ndiff"))("ndiff sees no difference but who scanned when", async () => {
      const files = await reports(["-n", "-p", PORTS, ...addresses()]);
      const { status, stdout } = await lab.scanner.run("ndiff", [files.nmap, files.postern]);
      expect(status).toBe(1); // they differ in their first line at least
      expect(ndiffPorts(stdout, "+")).toEqual(ndiffPorts(stdout, "-"));
      expect(stdout.split("\n").filter((line) => /^[-+]/.test(line) && !isKnownDifference(line))).toEqual([]);
    });

    test.skipIf(!hasProgram("xsltproc"))("nmap's style sheet shows the same ports", async () => {
      const files = await reports(["-n", "--reason", "-p", PORTS, ...addresses()]);
      const rows = async (file: string) => {
        const { status, stdout } = await lab.scanner.run("xsltproc", ["--nonet", NMAP_XSL, file]);
        expect(status).toBe(0);
        return [...stdout.matchAll(/<td>(\d+)<\/td>\s*<td>(\w+)<\/td>\s*<td>(\S+)<\/td>/g)].map((row) => row.slice(1));
      };
      const shown = await rows(files.postern);
      expect(shown).toEqual(await rows(files.nmap));
      expect(shown.length).toBeGreaterThan(0);
    });
  });

  test.skipIf(!hasProgram("xmllint"))("nmap's DTD holds, whatever was asked", async () => {
    const { ipv4 } = lab.host("behind");
    const questions = [
      ["-p", PORTS, ipv4],
      ["-v", "--traceroute", "-p22", ipv4, lab.host("down").ipv4],
      ["-A", "-sSU", "-p", "T:22,81,U:53,54", lab.host("plain").ipv4],
      ["-sO", "-p", "1,6,17", ipv4],
      ["-sn", "-v", ipv4],
      ["-sL", ipv4],
      ["no-such-name.invalid"],
      [],
    ];
    for (const args of questions) {
      const done = await link.run(lab.scanner, ["-n", "-oX", "-", ...args]);
      expect(done.status, args.join(" ")).toBe(0);
      const file = path.join(folder, "valid.xml");
      writeFileSync(file, done.stdout);
      const seen = await lab.scanner.run("xmllint", ["--nonet", "--noout", "--dtdvalid", NMAP_DTD, file]);
      expect({ args, status: seen.status, stderr: seen.stderr }).toEqual({ args, status: 0, stderr: "" });
    }
  });

  test("the XML has what clients stumble over otherwise", async () => {
    const { ipv4 } = lab.host("plain");
    const done = await link.run(lab.scanner, ["-n", "-v", "-oX", "-", "-p", "22,80,50007", ipv4]);
    const lines = done.stdout.split("\n");
    const alone = (start: RegExp) => lines.filter((line) => start.test(line)).every((line) => /^<[^<]*>$/.test(line));
    expect(alone(/<task(begin|progress|end)/)).toBe(true); // python-libnmap parses each line by itself
    expect(alone(/<nmaprun/)).toBe(true);
    expect(done.stdout).toMatch(/^<taskbegin task="SYN Stealth Scan" time="\d+"\/>$/m);
    expect(done.stdout).toContain("<hostnames>\n</hostnames>\n"); // node-nmap
    expect(done.stdout).toMatch(
      /<nmaprun scanner="nmap" args="nmap [^"]*" start="\d+" startstr="[^"]+" version="7\.9\d"/,
    );
    for (const [, element = ""] of done.stdout.matchAll(/<port (.*?)<\/port>/g)) {
      if (element.includes('state="open"')) expect(element).toMatch(/<service name="[^"]+" /); // node-nmap
    }
    expect(done.stdout).not.toMatch(/='/); // ncrack wants double quotes
    expect(done.stdout).not.toMatch(/<(distance|tcpsequence)[^>]*value=""/); // nmap2json
    expect(done.stdout.endsWith("</nmaprun>\n")).toBe(true);
  });

  test("the IP comes before the MAC", async () => {
    await using neighbours = await createLab({ topology: "neighbour" });
    const { ipv4 } = neighbours.host();
    const done = await link.run(neighbours.scanner, ["-n", "-oX", "-", "-p", "22", ipv4]);
    for (const [, addresses = ""] of done.stdout.matchAll(/<\/?(?:host|hosthint)\b[^>]*>([\s\S]*?)<hostnames/g)) {
      expect([...addresses.matchAll(/addrtype="(\w+)"/g)].map(([, type]) => type)).toEqual(["ipv4", "mac"]);
    }
    const plain = await link.run(neighbours.scanner, ["-n", "-p", "22", ipv4]);
    expect(plain.stdout).toMatch(/^MAC Address: (?:[0-9A-F]{2}:){5}[0-9A-F]{2} \(Unknown\)$/m);
  });

  test("normal reports are nmap's line by line", async () => {
    const { ipv4 } = lab.host("strict");
    const questions = [
      ["-p", PORTS, ipv4],
      ["--reason", "-p", "1001,1002,1003,22", ipv4],
      ["-p1-200", ipv4],
      ["-sn", "--reason", ipv4],
      ["-sL", ipv4],
      ["-sO", "-p", "1,6", lab.host("plain").ipv4],
      ["--open", "-p", "22,23", ipv4],
      ["-v", "-sn", ipv4, lab.host("down").ipv4],
      ["no-such-name.invalid"],
      ["-p", "22", lab.host("down").ipv4],
    ];
    for (const args of questions) {
      const [ours, theirs] = await Promise.all(
        (["postern", "nmap"] as const).map((program) =>
          lab.scanner.run("nmap", ["-n", ...NAMES, ...args], { env: link.environment(program) }),
        ),
      );
      expect({ args, ...outcome(ours) }).toEqual({ args, ...outcome(theirs) });
    }
  });

  test("a file is nmap's, too", async () => {
    const files = { nmap: path.join(folder, "n.txt"), postern: path.join(folder, "p.txt") };
    for (const program of ["nmap", "postern"] as const) {
      const args = ["-n", ...NAMES, "-p", "22,81", "-oN", files[program], lab.host("plain").ipv4];
      await lab.scanner.run("nmap", args, { env: link.environment(program) });
    }
    const text = (file: string) => comparable(readFileSync(file, "utf8")).replaceAll(file, "FILE");
    expect(text(files.postern)).toBe(text(files.nmap));
  });
});

/** Names of ports come from tables of different make, so ndiff tells of ports: their numbers and states must be the same. */
function ndiffPorts(stdout: string, side: "+" | "-"): readonly string[] {
  return stdout.split("\n").flatMap((line) => {
    const [, sign, port, state] = /^([-+])(\d+\/tcp) +(\S+)/.exec(line) ?? [];
    return sign === side ? [`${port} ${state}`] : [];
  });
}

/** Who scanned when, names of ports, and the marks of a host, which stand where scripts have their place. */
function isKnownDifference(line: string): boolean {
  return / scan initiated |^[-+]\d+\/tcp |^\+Host script results:|^\+\|[_ ] ?postern-/.test(line);
}

type Outcome = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

/** What must be the same, once times are taken out. */
function outcome(result: Outcome | undefined): Outcome {
  const { status = null, stdout = "", stderr = "" } = result ?? {};
  return { status, stdout: comparable(stdout), stderr };
}

/** Without times, sentences of nmap's own, and the lines of -v that tell of its phases. */
function comparable(text: string): string {
  return text
    .replace(/\d+\.\d+s latency/g, "Ns latency")
    .replace(/\d+\.\d\d seconds/g, "N seconds")
    .replace(/at \d{4}-\d\d-\d\d \d\d:\d\d \w+$/m, "at TIME")
    .replace(/(initiated|done at) \w{3} \w{3} [\d ]\d [\d:]{8} \d{4}/g, "$1 TIME")
    .replace(/^(Note: Host seems down\.).*$/m, "$1")
    .replace(/^(?:Initiating|Scanning|Completed|Read data files| +Raw packets sent).*\n/gm, "");
}
