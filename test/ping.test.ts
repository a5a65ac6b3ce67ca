// Each question of host discovery alone and mixed with others, names for addresses, and the way to a host.
import type { ChildProcess } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { firstWord } from "../lab/availability.js";
import { createLab, type Lab } from "../lab/network.js";
import { ROUTER_ADDRESSES } from "../lab/topology.js";
import { describeLab } from "../lab/vitest.js";
import { createWanLab, isTapHere, type WanLab } from "../lab/wan-lab.js";
import { onlyHost, postern, runPostern } from "./postern.js";
import { statesOf } from "./report.js";

const NAME_SERVER = fileURLToPath(new URL("name-server.mjs", import.meta.url));
const ROUTER = ROUTER_ADDRESSES.outside;

/** Silence is told soon: no way here is longer. */
const SOON = ["-sn", "--reason", "--max-rtt-timeout", "150ms"];

/** [options, host of the lab, what showed it up or "down", techniques that were asked with]. */
type Row = readonly [options: string, host: string, reason: string, techniques: string];

const IPV4_ROWS: readonly Row[] = [
  ["-PE", "plain", "echo-reply", "icmp-echo"],
  ["-PE", "quiet", "down", "icmp-echo"],
  ["-PP", "plain", "timestamp-reply", "icmp-timestamp"],
  ["-PM", "plain", "down", "icmp-address-mask"], // Linux answers none
  ["-PS22", "dark", "syn-ack", "tcp-syn"],
  ["-PS", "dark", "syn-ack", "tcp-syn"], // port 80
  ["-PS81-83", "plain", "reset", "tcp-syn"],
  ["-PS81-83", "dark", "down", "tcp-syn"],
  ["-PA", "dark", "reset", "tcp-ack"],
  ["-PA22,81", "plain", "reset", "tcp-ack"],
  ["-PU", "plain", "port-unreach", "udp"], // port 40125
  ["-PU53", "plain", "udp-response", "udp"],
  ["-PU53", "dark", "down", "udp"],
  ["-PY", "plain", "proto-unreach", "sctp-init"], // the host itself says that it has no SCTP
  ["-PO", "plain", "proto-response", "ip-protocol"],
  ["-PO6", "quiet", "proto-response", "ip-protocol"],
  ["-PO17", "plain", "port-unreach", "ip-protocol"],
  ["-PO100", "plain", "proto-unreach", "ip-protocol"],
  ["-PE -PS81,82 -PA443", "plain", "echo-reply|reset", "icmp-echo tcp-ack tcp-syn"],
  ["-PP -PS443", "quiet", "syn-ack|timestamp-reply", "icmp-timestamp tcp-syn"],
  // Old names.
  ["-PI", "plain", "echo-reply", "icmp-echo"],
  ["-PT443", "quiet", "reset", "tcp-ack"],
  ["-PB80", "plain", "echo-reply|reset", "icmp-echo tcp-ack"],
];

const IPV6_ROWS: readonly Row[] = [
  ["-PE", "plain", "echo-reply", "icmp-echo"],
  ["-PE", "quiet", "down", "icmp-echo"],
  ["-PS22", "dark", "syn-ack", "tcp-syn"],
  ["-PS81", "plain", "reset", "tcp-syn"],
  ["-PA80", "dark", "reset", "tcp-ack"],
  ["-PU", "plain", "port-unreach", "udp"],
  ["-PU53", "plain", "udp-response", "udp"],
  ["-PY", "plain", "proto-unreach", "sctp-init"],
  ["-PO6", "plain", "proto-response", "ip-protocol"],
  ["-PE -PP", "plain", "echo-reply", "icmp-echo"], // ICMPv6 has no time stamps
];

/** The techniques that discovery used, in the order of the alphabet. */
function techniquesIn(stdout: string): string {
  const found = [...stdout.matchAll(/^Discovery: (\S+) /gm)].map(([, name]) => name);
  return found.sort().join(" ");
}

/** "10.10.0.10: echo-reply", or that it is down. */
function verdictIn(stdout: string): string | undefined {
  if (/^Note: the host seems to be down/m.test(stdout)) return "down";
  return /^Host is up, received (\S+)/m.exec(stdout)?.[1];
}

/** The lines of a trace: hop and address. */
function hopsIn(lines: readonly string[] | string): string[] {
  const text = typeof lines === "string" ? lines : lines.join("\n");
  const table = /^HOP +RTT +ADDRESS\n((?:\d.*\n?)+)/m.exec(text)?.[1] ?? "";
  return table
    .trim()
    .split("\n")
    .map((line) => line.replace(/^(\d+) +[\d.]+ ms +/, "$1 ").replace(/ +/g, " "));
}

describeLab("ping", () => {
  let lab: Lab;
  let server: ChildProcess;
  let asked = "";

  beforeAll(async () => {
    lab = await createLab({ topology: "routed" });
    const zone = {
      "10.10.0.10": "plain.lab.example",
      "10.10.0.15": "gone.lab.example",
      "10.9.0.254": "router.lab.example",
      "fd00:10::10": "plain6.lab.example",
    };
    server = lab.router.spawn(process.execPath, [NAME_SERVER, ROUTER.ipv4, JSON.stringify(zone)]);
    await firstWord(server, "name server", 20_000);
    server.stdout?.on("data", (chunk) => {
      asked += String(chunk);
    });
  });
  afterAll(() => lab?.dispose());

  describe.each([
    [4, IPV4_ROWS],
    [6, IPV6_ROWS],
  ] as const)("over IPv%i", (family, rows) => {
    test.each(rows)("%s of %s: %s", async (options, name, reason, techniques) => {
      if (family === 6 && !lab.hasIpv6) return;
      const host = lab.host(name);
      const words = ["-n", ...SOON, ...options.split(" "), family === 4 ? host.ipv4 : host.ipv6];
      const { stdout } = await postern(lab.scanner, words);
      expect(verdictIn(stdout)).toMatch(new RegExp(`^(?:${reason})$`));
      expect(techniquesIn(stdout)).toBe(techniques);
    });
  });

  test.each(["-Pn", "-PN", "-P0"])("%s asks nothing", async (option) => {
    const seen = await postern(lab.scanner, ["-n", option, "-p22", "--reason", lab.host("plain").ipv4]);
    expect(verdictIn(seen.stdout)).toBe("user-set");
    expect(statesOf(onlyHost(seen))).toEqual({ 22: "open" });
    expect(techniquesIn(seen.stdout)).toBe("");
  });

  test.each(["-PP", "-PM"])(
    "%s alone has no question for IPv6: nobody is called up that was not asked",
    async (option) => {
      if (!lab.hasIpv6) return;
      const seen = await runPostern(lab.scanner, ["-n", "-sn", option, "fd00:10::77"]);
      expect(seen.upAddresses).toEqual([]);
      expect(seen.stdout).not.toContain("-Pn)");
    },
  );

  test.each([
    [["-sn", "-PS99999", "10.10.0.10"], /a port is at most 65535/],
    [["-sn", "-PO300", "10.10.0.10"], /255/],
    [["-sn", "-PE", "-Pn", "10.10.0.10"], /choose one/],
    [["--dns-servers", "nobody", "10.10.0.10"], /"nobody" is no address of a name server/],
  ])("%j cannot be", async (args, words) => {
    const seen = await runPostern(lab.scanner, args);
    expect(seen.stderr).toMatch(words);
    expect(seen.stderr).toMatch(/^postern: [^\n]+\n(?: {2}\S[^\n]*\n)?$/);
    expect([1, 255]).toContain(seen.status);
    expect(seen.stdout).toBe("");
  });

  describe("names", () => {
    const names = ["--dns-servers", ROUTER.ipv4];

    /** What the name server was asked since the last call. */
    function takeAsked(): string[] {
      const lines = asked.split("\n").filter(Boolean).sort();
      asked = "";
      return lines;
    }

    test("a host is called as reverse DNS calls it, and only hosts that are up are asked for", async () => {
      const seen = await postern(lab.scanner, [...names, ...SOON, "-PE", "10.10.0.10,15"]);
      expect(seen.hosts.map(({ title }) => title)).toEqual(["plain.lab.example (10.10.0.10)"]);
      expect(takeAsked()).toEqual(["10.0.10.10.in-addr.arpa"]);
    });

    test("-n asks for none, whatever resolv.conf(5) says", async () => {
      const seen = await postern(lab.scanner, ["-n", ...SOON, "-PE", "10.10.0.10"]);
      expect(seen.hosts.map(({ title }) => title)).toEqual(["10.10.0.10"]);
      expect(takeAsked()).toEqual([]);
      const both = await runPostern(lab.scanner, [...names, "-n", "-sn", "10.10.0.10"]);
      expect(both.stderr).toBe("postern: -n looks up no names, so --dns-servers has no meaning with it\n");
      expect(both.status).toBe(255);
    });

    test("-R asks for hosts that are down, too", async () => {
      const seen = await postern(lab.scanner, [...names, "-R", "-v", ...SOON, "-PE", "10.10.0.10,15"]);
      expect(seen.stdout).toContain("postern report for gone.lab.example (10.10.0.15) [host down, received ");
      expect(takeAsked()).toEqual(["10.0.10.10.in-addr.arpa", "15.0.10.10.in-addr.arpa"]);
    });

    test("over IPv6", async () => {
      if (!lab.hasIpv6) return;
      const seen = await postern(lab.scanner, [...names, ...SOON, "-PE", "fd00:10::10"]);
      expect(onlyHost(seen).title).toBe("plain6.lab.example (fd00:10::10)");
    });

    test("-sL lists targets with their names, and sends them nothing", async () => {
      takeAsked();
      const before = await lab.router.run("cat", ["/sys/class/net/inside/statistics/tx_packets"]);
      const seen = await postern(lab.scanner, [...names, "-sL", "10.10.0.8/30", "10.10.0.15"]);
      const after = await lab.router.run("cat", ["/sys/class/net/inside/statistics/tx_packets"]);
      expect(seen.hosts.map(({ title }) => title).sort()).toEqual([
        "10.10.0.11",
        "10.10.0.8",
        "10.10.0.9",
        "gone.lab.example (10.10.0.15)",
        "plain.lab.example (10.10.0.10)",
      ]);
      expect(takeAsked()).toHaveLength(5);
      expect(Number(after.stdout) - Number(before.stdout)).toBeLessThanOrEqual(2); // chatter of IPv6 itself
      const without = await postern(lab.scanner, ["-sL", "-n", "10.10.0.10"]);
      expect(onlyHost(without).title).toBe("10.10.0.10");
    });

    test("a name server that is not there costs little time, and no result", async () => {
      const words = ["--dns-servers", "10.9.0.77", ...SOON, "-PE", "10.10.0.10"];
      const seen = await runPostern(lab.scanner, words);
      expect(seen.upAddresses).toEqual(["10.10.0.10"]);
      expect(seen.status).toBe(0);
      expect(seen.elapsedMs).toBeLessThan(6000);
    });
  });

  describe("--traceroute through the router", () => {
    test.each([
      ["-sn -PE", "proto 1/icmp"],
      ["-p22", "port 22/tcp"],
      ["-sU -p53", "proto 1/icmp"], // what UDP answers depends on what is asked
      ["-sA -p22", "port 22/tcp"],
    ])("%s", async (options, using) => {
      const host = lab.host("plain");
      const seen = await postern(lab.scanner, ["-n", "--traceroute", ...options.split(" "), host.ipv4]);
      expect(seen.stdout).toContain(`\nTRACEROUTE (using ${using})\n`);
      expect(hopsIn(seen.stdout)).toEqual([`1 ${ROUTER.ipv4}`, `2 ${host.ipv4}`]);
    });

    test("over IPv6", async () => {
      if (!lab.hasIpv6) return;
      const host = lab.host("plain");
      const seen = await postern(lab.scanner, ["-n", "--traceroute", "-p22", host.ipv6]);
      expect(hopsIn(seen.stdout)).toEqual([`1 ${ROUTER.ipv6}`, `2 ${host.ipv6}`]);
    });

    test("a host that only a SYN finds", async () => {
      const host = lab.host("dark");
      const seen = await postern(lab.scanner, ["-n", "-sn", "-PS80", "--traceroute", host.ipv4]);
      expect(hopsIn(seen.stdout)).toEqual([`1 ${ROUTER.ipv4}`, `2 ${host.ipv4}`]);
    });
  });
});

describeLab("ping over a long way", () => {
  describe.skipIf(!isTapHere())("with /dev/net/tun", () => {
    let lab: WanLab;

    beforeAll(async () => {
      lab = await createWanLab({
        link: { delayMs: 10 },
        hosts: [
          { prefix: "10.80.0.1", answersMask: true, sctp: { open: [80], dropped: [82] }, tcp: { open: [80] } },
          { prefix: "10.80.0.2", routers: ["10.9.0.254", "10.81.0.1", "", "", "10.81.0.4"], tcp: { open: [80] } },
          { prefix: "fd80::2", routers: ["fd00:9::254", "", "fd81::2"], tcp: { open: [80] } },
        ],
      });
    });
    afterAll(() => lab?.dispose());

    test.each([
      ["-PM", "addressmask-reply", "icmp-address-mask"],
      ["-PY", "init-ack", "sctp-init"],
      ["-PY81", "abort", "sctp-init"],
      ["-PY82", "down", "sctp-init"],
      ["-PY82,80", "init-ack", "sctp-init"],
    ])("%s: %s", async (option, reason, technique) => {
      const { stdout } = await postern(lab.scanner, ["-n", ...SOON, option, "10.80.0.1"]);
      expect(verdictIn(stdout)).toBe(reason);
      expect(techniquesIn(stdout)).toBe(technique);
    });

    test("--traceroute shows each router that speaks, and the silent ones as such", async () => {
      const seen = await postern(lab.scanner, ["-n", "--traceroute", "-p80", "10.80.0.2"]);
      expect(hopsIn(seen.stdout)).toEqual(["1 10.9.0.254", "2 10.81.0.1", "3 ... 4", "5 10.81.0.4", "6 10.80.0.2"]);
    });

    test("over IPv6", async () => {
      if (!lab.hasIpv6) return;
      const seen = await postern(lab.scanner, ["-n", "--traceroute", "-sn", "fd80::2"]);
      expect(hopsIn(seen.stdout)).toEqual(["1 fd00:9::254", "2 ...", "3 fd81::2", "4 fd80::2"]);
    });
  });
});

describeLab("ping on the link", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await createLab({ topology: "neighbour" });
    // Raspberry Pi Foundation, by IEEE's registry.
    const { stderr } = await lab.host().run("ip", ["link", "set", "eth0", "address", "b8:27:eb:00:00:01"]);
    expect(stderr).toBe("");
  });
  afterAll(() => lab?.dispose());

  test("an IPv4 neighbour is asked by ARP, and its maker is named", async () => {
    const seen = await postern(lab.scanner, ["-n", "-sn", "--reason", lab.host().ipv4]);
    expect(verdictIn(seen.stdout)).toBe("arp-response");
    expect(seen.stdout).toMatch(/^MAC Address: b8:27:eb:00:00:01 \(Raspberry Pi Foundation\)$/m);
  });

  test("an IPv6 neighbour is asked by neighbour solicitation, silent ones are down", async () => {
    if (!lab.hasIpv6) return;
    const seen = await postern(lab.scanner, ["-n", "-v", "-sn", "--reason", lab.host().ipv6, "fd00:9::77"]);
    expect(seen.stdout).toMatch(/^Host is up, received nd-response /m);
    expect(seen.stdout).toMatch(/^MAC Address: b8:27:eb:00:00:01 \(Raspberry Pi Foundation\)$/m);
    expect(techniquesIn(seen.stdout)).toBe("neighbour-solicitation");
    expect(seen.downAddresses).toEqual(["fd00:9::77"]);
  });

  test("--disable-arp-ping asks a neighbour like a host behind a router", async () => {
    const words = ["-n", "--disable-arp-ping", "-PE", ...SOON, lab.host().ipv4];
    const { stdout } = await postern(lab.scanner, words);
    expect(verdictIn(stdout)).toBe("echo-reply");
    expect(techniquesIn(stdout)).toBe("icmp-echo");
  });
});
