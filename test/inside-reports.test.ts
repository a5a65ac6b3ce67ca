// `postern sockets -oX`: the inside of a host as a report, and `postern diff` between it and a scan from outside.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { labEnvironment } from "../lab/availability.js";
import type { HostSpec } from "../lab/hosts.js";
import { createLab, type Lab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { hasClient } from "./nmap-clients.js";
import { POSTERN } from "./postern.js";
import { canValidate, dtdComplaints } from "./xml-report.js";

/** Whoever asks from outside sees neither 22 nor any port of UDP from 500 on. */
const HOST: HostSpec = {
  name: "web",
  summary: "listens behind its own firewall",
  tcp: [22, 80],
  udp: [53],
  udpSilent: [514],
  rules: [
    { ports: [22, 23], protocol: "tcp", verdict: "drop" },
    { ports: [500, 514], protocol: "udp", verdict: "drop" },
  ],
};
const FORMS = {
  "-oX": "in.xml",
  "-oJ": "in.jsonl",
  "-oG": "in.gnmap",
  "-oN": "in.nmap",
  "-oC": "in.csv",
  "-oH": "in.html",
};
const PROGRAMS = {
  "python-nmap.py": [
    "/usr/bin/python3",
    "-c",
    "import nmap,sys; s=nmap.PortScanner(); s.analyse_nmap_xml_scan(open(sys.argv[1]).read()); print(sorted(s[sys.argv[2]]['tcp']))",
  ],
  "python-libnmap.py": [
    "/usr/bin/python3",
    "-c",
    "import sys; from libnmap.parser import NmapParser; r=NmapParser.parse_fromfile(sys.argv[1]); print(sorted(s.port for h in r.hosts if h.address==sys.argv[2] for s in h.services if s.protocol=='tcp'))",
  ],
  "nmap-parser.pl": [
    "/usr/bin/perl",
    "-MNmap::Parser",
    "-e",
    "my $p=Nmap::Parser->new; $p->parsefile($ARGV[0]); print '[',join(', ',$p->get_host($ARGV[1])->tcp_open_ports),']'",
  ],
} as const;

describeLab("the inside as a report", () => {
  let lab: Lab;
  let folder: string;
  const at = (name: string) => path.join(folder, name);

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "postern-inside-"));
    lab = await createLab({ topology: "routed", hosts: [HOST] });
    const forms = Object.entries(FORMS).flatMap(([option, name]) => [option, at(name)]);
    const inside = await lab.host().run(POSTERN, ["sockets", "--own", ...forms]);
    expect({ status: inside.status, stderr: inside.stderr }).toEqual({ status: 0, stderr: "" });
    expect(inside.stdout).toMatch(/^PROTO/); // reports are beside what is shown
    const ports = ["-sS", "-sU", "-p", "T:22,23,80,81,U:53,54,500,514"];
    const outside = await lab.scanner.run(POSTERN, ["-n", ...ports, "-oX", at("out.xml"), lab.host().ipv4]);
    expect({ status: outside.status, stderr: outside.stderr }).toEqual({ status: 0, stderr: "" });
  });
  afterAll(async () => {
    await lab?.dispose();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  /** In the folder of the reports. */
  function postern(...args: readonly string[]): { readonly status: number | null; readonly stdout: string } {
    const { status, stdout, stderr } = spawnSync(POSTERN, args, {
      cwd: folder,
      env: labEnvironment(),
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    return { status, stdout };
  }

  test("each own address is a host with all its ports, and the XML is valid", () => {
    const document = readFileSync(at(FORMS["-oX"]), "utf8");
    if (canValidate) expect(dtdComplaints(document)).toBe("");
    const { ipv4, ipv6 } = lab.host();
    const lines = readFileSync(at(FORMS["-oJ"]), "utf8").trim().split("\n");
    const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const addresses = events.filter(({ type }) => type === "host").map(({ address }) => address);
    const own = [ipv4, "127.0.0.1", ...(lab.hasIpv6 ? ["::1", ipv6, expect.stringMatching(/^fe80::.*%eth0$/)] : [])];
    expect(addresses).toEqual(own);
    const ofHost = events.filter(({ address, type }) => address === ipv4 && /^ports?$/.test(String(type)));
    expect(ofHost.map(({ protocol, port, ports, state }) => `${protocol} ${port ?? ports} ${state}`)).toEqual([
      "tcp 22 open",
      "tcp 80 open",
      "tcp 1-21,23-79,81-65535 closed",
      "udp 53 open",
      "udp 514 open",
      "udp 1-52,54-513,515-65535 closed",
      "sctp 1-65535 closed",
    ]);
    const owners = events.filter(({ type }) => type === "owner").map(({ owner }) => owner);
    expect(owners).toHaveLength(4 * addresses.length);
    expect(owners[0]).toMatchObject({ process: expect.stringMatching(/^(node|MainThread)$/), user: "root" });
  });

  test("inside against outside: what the firewall keeps, and nothing of what was not asked", () => {
    const { status, stdout } = postern("diff", FORMS["-oX"], "out.xml");
    expect(status).toBe(1);
    expect(stdout.replaceAll(hostname(), "NAME").split("\n").slice(3)).toMatchInlineSnapshot(`
      [
        "~ 10.10.0.10 (NAME)",
        "  - 22/tcp  open -> filtered         ssh",
        "  ~ 23/tcp  closed -> filtered",
        "  ~ 500/udp closed -> open|filtered  isakmp",
        "",
        "1 of 1 host changed.",
        "1 port closed, 2 ports changed otherwise.",
        "? 196,597 ports: not asked by out.xml",
        "? 1 open port: asked by another technique",
        "? 4 hosts with 16 open ports: not among the targets of out.xml",
        "  (-v shows them)",
        "",
      ]
    `);
  });

  test.each([
    ["-oX", "-oJ"],
    ["-oJ", "-oG"],
  ] as const)("%s and %s say the same", (one, other) => {
    const { status, stdout } = postern("diff", FORMS[one], FORMS[other]);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: expect.stringContaining(`No changes: ${lab.hasIpv6 ? 5 : 2} hosts`),
    });
  });

  test.each(["-oN", "-oC", "-oH"] as const)("%s is what a conversion of the JSON Lines gives", (option) => {
    const form = { "-oN": "normal", "-oC": "csv", "-oH": "html" }[option];
    const { stdout } = postern("convert", "--to", form, at(FORMS["-oJ"]), "-");
    expect(stdout).toBe(readFileSync(at(FORMS[option]), "utf8"));
  });

  test.each(Object.entries(PROGRAMS).filter(([name]) => hasClient(name as keyof typeof PROGRAMS)))(
    "%s reads it",
    (_name, [program, ...words]) => {
      const done = spawnSync(program, [...words, at(FORMS["-oX"]), lab.host().ipv4], { encoding: "utf8" });
      expect({ stderr: done.stderr, stdout: done.stdout.trim() }).toEqual({ stderr: "", stdout: "[22, 80]" });
    },
  );
});
