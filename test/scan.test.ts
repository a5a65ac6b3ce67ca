// What is found must be what is true: every way to refuse, by SYN and by connect, over IPv4 and IPv6.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Family } from "../lab/filter.js";
import { VERDICT_PORTS } from "../lab/hosts.js";
import { NOBODY_UID } from "../lab/machine.js";
import { createLab, type Lab, type LabHost } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { onlyHost, postern } from "./postern.js";
import { type SeenHost, statesOf } from "./report.js";

/** Open, closed, and each with a rule of its own. */
const PORTS = [22, 81, ...VERDICT_PORTS];
const PORT_LIST = PORTS.join(",");

/** What a connect says of this port where ICMP errors can be read from the socket: all that a SYN scan says. */
function connectTruth(host: LabHost, family: Family): { port: number; state: string; reason: string }[] {
  // nmap's no-route is the ICMPv6 error of a router; here the word says that this machine itself has no route.
  const words: Readonly<Record<string, string>> = {
    "syn-ack": "conn-accepted",
    reset: "conn-refused",
    "reset-by-other": "conn-refused", // the kernel does not say how far a RST has come
    "no-route": "net-unreach",
  };
  return PORTS.map((port) => {
    const { state, reason } = host.expected(port, { family });
    return { port, state, reason: words[reason] ?? reason };
  });
}

function foundOn(host: SeenHost): { port: number; state: string; reason: string }[] {
  return [...host.ports].map(([port, { state, reason }]) => ({ port, state, reason }));
}

describeLab("every port of every kind", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await createLab({ topology: "routed" });
  });
  afterAll(() => lab?.dispose());

  describe.each(["strict", "behind"])("%s", (name) => {
    test("SYN: state, reason and who said it", async () => {
      const host = lab.host(name);
      const seen = await postern(lab.scanner, ["--reason", "-p", PORT_LIST, host.ipv4]);
      const { ports } = onlyHost(seen);
      const truth = PORTS.map((port) => {
        const { state, reason } = host.expected(port);
        return { port, state, reason };
      });
      expect(foundOn(onlyHost(seen))).toEqual(truth);
      for (const [port, { reason, evidence }] of ports) {
        const isRouter = host.expected(port).decidedBy === "router" && /-unreach$|-prohibited$/.test(reason);
        if (reason === "no-response") expect(evidence).toBe("");
        else expect(`${port}${evidence}`).toMatch(isRouter ? /^\d+ from 10\.9\.0\.254 ttl 64$/ : /^\d+ ttl 6[34]$/);
      }
      expect(seen.stdout).toMatch(/^Host is up, received echo-reply ttl 63 \(0\.\d+s latency\)\.$/m);
    });

    test.each(["raw", "ring"])("SYN --transport %s", async (transport) => {
      const host = lab.host(name);
      const seen = await postern(lab.scanner, ["--transport", transport, "-p", PORT_LIST, host.ipv4]);
      const truth = Object.fromEntries(PORTS.map((port) => [port, host.expected(port).state]));
      expect(statesOf(onlyHost(seen))).toEqual(truth);
      const words = transport === "raw" ? "raw IP" : "packet socket";
      expect(seen.stdout).toContain(`Ports: tcp-syn by ${words}, because this process may send raw packets\n`);
    });

    test.each(["io_uring", "epoll"])("connect as nobody by %s", async (transport) => {
      const host = lab.host(name);
      const args = ["--reason", "--transport", transport, "-p", PORT_LIST, host.ipv4];
      const seen = await postern(lab.scanner, args, { uid: NOBODY_UID });
      expect(foundOn(onlyHost(seen))).toEqual(connectTruth(host, 4));
      expect(seen.stdout).toContain(`Ports: tcp-connect by ${transport}, because `);
    });

    test("connect as root with -sT", async () => {
      const host = lab.host(name);
      const seen = await postern(lab.scanner, ["-sT", "--reason", "-p", PORT_LIST, host.ipv4]);
      expect(foundOn(onlyHost(seen))).toEqual(connectTruth(host, 4));
      expect(seen.stdout).toContain("Ports: tcp-connect by io_uring, because -sT asks for it\n");
    });

    test("connect by node:net, which knows only what connect() says", async () => {
      const host = lab.host(name);
      const seen = await postern(lab.scanner, ["--transport", "node", "-p", PORT_LIST, host.ipv4]);
      const truth = Object.fromEntries(PORTS.map((port) => [port, host.expected(port).connectState]));
      expect(statesOf(onlyHost(seen))).toEqual(truth);
      expect(seen.stdout).toContain("Ports: tcp-connect by node:net, because ");
    });

    // While it is still in connect() the kernel only notes an ICMPv6 error, unless the socket asks for it (IPV6_RECVERR).
    test.each([
      ["root by io_uring", ["-sT", "--transport", "io_uring"], {}],
      ["root by epoll", ["-sT", "--transport", "epoll"], {}],
      ["nobody", [], { uid: NOBODY_UID }],
    ] as const)("IPv6 as %s", async (_who, args, options) => {
      if (!lab.hasIpv6) return;
      const host = lab.host(name);
      const seen = await postern(lab.scanner, [...args, "--reason", "-p", PORT_LIST, host.ipv6], options);
      expect(foundOn(onlyHost(seen))).toEqual(connectTruth(host, 6));
    });

    test("IPv6 by node:net: open, closed and the rest", async () => {
      if (!lab.hasIpv6) return;
      const host = lab.host(name);
      const seen = await postern(lab.scanner, ["--transport", "node", "-p", "22,81,1001,1002", host.ipv6]);
      expect(statesOf(onlyHost(seen))).toEqual({ 22: "open", 81: "closed", 1001: "filtered", 1002: "closed" });
    });
  });

  test("a thousand ports of a plain host", async () => {
    const seen = await postern(lab.scanner, [lab.host("plain").ipv4]);
    const host = onlyHost(seen);
    expect(statesOf(host)).toEqual({ 21: "open", 22: "open", 25: "open", 80: "open", 443: "open", 8080: "open" });
    expect(host.lines).toContain("Not shown: 994 closed tcp ports (reset)");
    expect([...host.ports.values()].map(({ service }) => service).slice(0, 5)).toEqual([
      "ftp",
      "ssh",
      "smtp",
      "http",
      "https",
    ]);
    expect(seen.stdout).toMatch(/^Starting postern \d+\.\d+\.\d+ at \d{4}-\d\d-\d\d \d\d:\d\d UTC$/m);
    expect(seen.stdout).toMatch(/^postern done: 1 address \(1 host up\) scanned in \d+\.\d\d seconds\n$/m);
  });

  test("a thousand ports of a dark host, without privileges", async () => {
    const seen = await postern(lab.scanner, [lab.host("dark").ipv4], { uid: NOBODY_UID });
    const host = onlyHost(seen);
    expect(host.lines.find((line) => line.startsWith("Not shown"))).toMatch(
      /^Not shown: 99\d filtered tcp ports \(no-r/,
    );
    for (const port of [22, 80, 443, 8080]) expect(statesOf(host)[port]).toBe("open");
  });

  test("several hosts at once, each with its own truth", async () => {
    const hosts = ["plain", "strict", "behind", "quiet", "dark"].map((name) => lab.host(name));
    const seen = await postern(lab.scanner, ["-p", PORT_LIST, ...hosts.map(({ ipv4 }) => ipv4)]);
    expect(seen.upAddresses).toEqual(hosts.map(({ ipv4 }) => ipv4));
    for (const host of hosts) {
      const truth = Object.fromEntries(PORTS.map((port) => [port, host.expected(port).state]));
      const found = seen.hosts.find(({ title }) => title === host.ipv4);
      expect(found === undefined ? undefined : statesOf(found)).toEqual(truth);
    }
  });

  test("all ports of a host that drops nearly all", async () => {
    const seen = await postern(lab.scanner, ["-p-", lab.host("dark").ipv4]);
    const host = onlyHost(seen);
    expect(statesOf(host)).toEqual({ 22: "open", 80: "open", 443: "open", 8080: "open", 50000: "open" });
    expect(host.lines).toContain("Not shown: 65530 filtered tcp ports (no-response)");
  });
});
