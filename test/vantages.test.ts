// This machine and a namespace beside it as vantages. The lab's router plays "this machine": it has rules by source and by
// interface, leads ports to loopback and to what could be a container behind it, and forwards.
import type { ChildProcess } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { firstWord } from "../lab/availability.js";
import { NOBODY_UID, type RunOptions } from "../lab/machine.js";
import { createLab, type Lab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import type { AskerOrder, AskerWord } from "./ask-vantage.js";
import { type Bundle, bundleAsker } from "./bundle-asker.js";

const SERVICES = fileURLToPath(new URL("overview-services.mjs", import.meta.url));
const OWN = "10.9.0.254";
const OWN_IPV6 = "fd00:9::254";
const ANY = ["0.0.0.0", "::"];
const PLACES = {
  tcp: [...[22, 23, 24, 25, 80].flatMap((port) => ANY.map((any) => [any, port])), ["127.0.0.1", 5432]],
  udp: ANY.map((any) => [any, 53]),
  silent: [],
};
/** The chain "left" counts what leaves by the link to others; neighbour discovery and the like are its own affair. */
const RULES = `
table inet ruled {
  chain led {
    type nat hook prerouting priority dstnat
    ip daddr ${OWN} tcp dport 5432 dnat ip to 127.0.0.1:5432
    ip daddr ${OWN} tcp dport 8080 dnat ip to 10.10.0.10:80
    ip daddr ${OWN} udp dport 5353 dnat ip to 10.10.0.10:53
    ip6 daddr ${OWN_IPV6} tcp dport 8080 dnat ip6 to [fd00:10::10]:80
    tcp dport 8081 redirect to :24
    tcp dport 30000-30199 redirect to :24
  }
  chain input {
    type filter hook input priority filter
    ip saddr 198.51.100.0/24 tcp dport 22 drop
    ip6 saddr 2001:db8::/32 tcp dport 22 drop
    ip saddr != 198.51.100.7 tcp dport 23 reject with tcp reset
    iifname "outside" tcp dport 24 drop
    iifname "pn-self*" tcp dport 25 drop
    udp dport 54 reject with icmpx admin-prohibited
  }
  chain arrived {
    type filter hook prerouting priority raw
    iifname "pn-self*" tcp flags syn / fin,syn,rst,ack counter
  }
  chain left {
    type filter hook postrouting priority 300
    oifname "outside" meta l4proto { tcp, udp, icmp } counter
    oifname "outside" icmpv6 type { destination-unreachable, echo-request } counter
  }
}
table arp asked {
  chain output {
    type filter hook output priority 0
    oifname { "outside", "pn-self0" } counter
  }
}
`;
/** All that could be left of it. */
const REMAINS =
  "ip -o link; ip route show table all; ip -6 route show table all; ip neigh show nud permanent; ip -6 neigh show nud permanent; ip rule";

describeLab("vantages of this machine", () => {
  let lab: Lab;
  let bundle: Bundle;

  beforeAll(async () => {
    const web = { name: "web", summary: "could be a container", tcp: [80], udp: [53] };
    [bundle, lab] = await Promise.all([bundleAsker(), createLab({ topology: "routed", hosts: [web] })]);
    const settings = "net.ipv4.conf.outside.route_localnet=1 net.ipv4.conf.all.rp_filter=1";
    await mustRun(`sysctl -qw ${settings}`);
    await mustRun("nft -f -", { input: RULES });
    await mustRun("ip route add 192.0.2.0/24 via 10.9.0.1; ip -6 route add 2001:db8::/32 via fd00:9::1");
    await lab
      .host()
      .run("sh", ["-c", "ip route add default via 10.10.0.254; ip -6 route add default via fd00:10::254"]);
    const services = lab.router.spawn(process.execPath, [SERVICES, JSON.stringify(PLACES)]);
    await firstWord(services, "services", 20_000);
  });
  afterAll(async () => {
    bundle?.[Symbol.dispose]();
    await lab?.dispose();
  });

  async function mustRun(script: string, options: RunOptions = {}): Promise<string> {
    const { status, stderr, stdout } = await lab.router.run("sh", ["-c", script], options);
    expect({ script, status, stderr }).toEqual({ script, status: 0, stderr: "" });
    return stdout;
  }

  async function ask(order: AskerOrder, options: RunOptions = {}): Promise<readonly AskerWord[]> {
    const done = await lab.router.run(process.execPath, [bundle.program, JSON.stringify(order)], options);
    expect({ status: done.status, stderr: done.stderr }).toEqual({ status: 0, stderr: "" });
    return done.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
  }

  /** Answers by port, and why those without one have none. */
  function saidOf(words: readonly AskerWord[]): Readonly<Record<string, string>> {
    const pairs = words.flatMap(({ answer, gap }) => [
      ...(answer === undefined ? [] : [[answer.port, answer.said]]),
      ...(gap === undefined ? [] : [[gap.what, gap.why]]),
    ]);
    return Object.fromEntries(pairs);
  }

  /** Packets that a chain has counted. */
  async function counted(chain: string): Promise<number> {
    const text = await mustRun(`nft list chain ${chain}`);
    return [...text.matchAll(/counter packets (\d+)/g)].reduce((sum, [, packets]) => sum + Number(packets), 0);
  }

  const departed = async (): Promise<number> =>
    (await counted("inet ruled left")) + (await counted("arp asked output"));

  test("from anywhere: rules by source, by interface, and what leads elsewhere; nothing remains, nothing leaves", async () => {
    const [before, left] = [await mustRun(REMAINS), await departed()];
    const ports = [22, 23, 24, 25, 26, 5432, 8080, 8081].map((port) => `${OWN} tcp ${port}`);
    const words = await ask({
      kind: "self",
      ports: [...ports, ...[53, 54, 55, 5353].map((port) => `${OWN} udp ${port}`)],
    });
    expect(saidOf(words)).toEqual({
      [`${OWN} tcp 22`]: "open syn-ack",
      [`${OWN} tcp 23`]: "closed reset",
      [`${OWN} tcp 24`]: "open syn-ack", // its rule names an interface
      [`${OWN} tcp 25`]: "filtered no-response",
      [`${OWN} tcp 26`]: "closed reset",
      [`${OWN} tcp 5432`]: "open syn-ack", // led to loopback, which route_localnet lets in
      [`${OWN} tcp 8080`]: "open syn-ack",
      [`${OWN} tcp 8081`]: "open syn-ack",
      [`${OWN} udp 53`]: "open udp-response",
      [`${OWN} udp 54`]: "filtered admin-prohibited",
      [`${OWN} udp 55`]: "closed port-unreach",
      [`${OWN} udp 5353`]: "open udp-response",
    });
    expect(words[0]?.opened).toMatchObject({
      sources: expect.arrayContaining(["192.0.2.1", "2001:db8::8"]),
      arrivesBy: "pn-self0",
    });
    expect(words[0]?.opened?.limits).toContain("pn-self0 has route_localnet=1, as on outside.");
    const way =
      "Until the end this machine reaches 192.0.2.1 (and 7 more) by pn-self0; before, it was by outside through 10.9.0.1.";
    expect(words[0]?.opened?.limits).toContain(way);
    expect(words.at(-1)?.done?.namespaceCount).toBe(1);
    expect(await mustRun(REMAINS)).toBe(before);
    expect(await departed()).toBe(left);
  });

  test("over IPv6", async () => {
    if (!lab.hasIpv6) return;
    const left = await departed();
    const ports = [22, 24, 26, 8080, 8081].map((port) => `${OWN_IPV6} tcp ${port}`);
    const words = await ask({ kind: "self", ports: [...ports, `${OWN_IPV6} udp 53`, "fe80::1%outside tcp 22"] });
    expect(saidOf(words)).toEqual({
      [`${OWN_IPV6} tcp 22`]: "filtered no-response",
      [`${OWN_IPV6} tcp 24`]: "open syn-ack",
      [`${OWN_IPV6} tcp 26`]: "closed reset",
      [`${OWN_IPV6} tcp 8080`]: "open syn-ack",
      [`${OWN_IPV6} tcp 8081`]: "open syn-ack",
      [`${OWN_IPV6} udp 53`]: "open udp-response",
      "22/tcp of fe80::1%outside": "a link-local address is reached from its link alone",
    });
    expect(await departed()).toBe(left);
  });

  test("from an address of one's choice, and to nobody but this machine", async () => {
    const ports = [`${OWN} tcp 22`, `${OWN} tcp 23`, "10.9.0.1 tcp 22", "10.10.0.10 tcp 80", `${OWN_IPV6} tcp 22`];
    const left = await departed();
    const words = await ask({ kind: "self", source: ["198.51.100.7"], ports });
    expect(saidOf(words)).toEqual({
      [`${OWN} tcp 22`]: "filtered no-response",
      [`${OWN} tcp 23`]: "open syn-ack",
      "22/tcp of 10.9.0.1": "it is no address of this machine",
      "80/tcp of 10.10.0.10": "it is no address of this machine",
      [`22/tcp of ${OWN_IPV6}`]: "the namespace has no source address of IPv6",
    });
    expect(await departed()).toBe(left);
  });

  test("one packet a port where everything answers", async () => {
    const before = await counted("inet ruled arrived");
    const ports = Array.from({ length: 200 }, (_, at) => `${OWN} tcp ${20_000 + at}`);
    const words = await ask({ kind: "self", ports });
    expect(words.filter(({ answer }) => answer?.said === "closed reset")).toHaveLength(200);
    expect((await counted("inet ruled arrived")) - before).toBeLessThanOrEqual(220);
  });

  test("an address that takes every connection is marked", async () => {
    const ports = Array.from({ length: 200 }, (_, at) => `${OWN} tcp ${30_000 + at}`);
    const words = await ask({ kind: "self", ports });
    expect(words.filter(({ answer }) => answer?.said === "open syn-ack")).toHaveLength(200);
    expect(words.flatMap(({ mark }) => mark ?? [])).toEqual([`${OWN} answers-everything`]);
  });

  test("nothing is asked whose answers the routing policy would lead elsewhere", async () => {
    await mustRun("ip rule add pref 50 to 198.51.100.0/24 lookup 77 && ip route add default dev outside table 77");
    const [left, arrived] = [await departed(), await counted("inet ruled arrived")];
    try {
      const words = await ask({ kind: "self", source: ["198.51.100.7"], ports: [`${OWN} tcp 22`] });
      expect(saidOf(words)[`22/tcp of ${OWN}`]).toMatch(/rp_filter|another interface/);
    } finally {
      await mustRun("ip rule del pref 50; ip route flush table 77");
    }
    expect([await departed(), await counted("inet ruled arrived")]).toEqual([left, arrived]);
  });

  test("sources that are in use are refused, and so is who may not", async () => {
    const faultOf = async (source: string, options?: RunOptions): Promise<AskerWord["fault"]> =>
      (await ask({ kind: "self", source: [source], ports: [] }, options))[0]?.fault;
    expect(await faultOf(OWN)).toMatchObject({ code: "usage", text: expect.stringContaining("own") });
    const talk = lab.host().spawn("bash", ["-c", `exec 3<>/dev/tcp/${OWN}/80; echo talking; cat`]);
    await firstWord(talk, "a connection", 5_000);
    expect(await faultOf(lab.host().ipv4)).toMatchObject({
      code: "usage",
      text: expect.stringContaining("open connections"),
    });
    talk.kill();
    expect(await faultOf("192.0.2.7", { uid: NOBODY_UID })).toMatchObject({ code: "privilege" });
  });

  test("nothing remains of a process that was killed", async () => {
    const before = await mustRun(REMAINS);
    const order: AskerOrder = { kind: "self", ports: [`${OWN} tcp 22`], isHeld: true };
    const asker = lab.router.spawn(process.execPath, [bundle.program, JSON.stringify(order)]);
    await untilDone(asker);
    expect(await mustRun("ip route")).toContain("192.0.2.1 dev pn-self0");
    asker.kill("SIGKILL");
    await expect.poll(() => mustRun(REMAINS), { timeout: 5000 }).toBe(before);
  });

  test("from here: itself over loopback, others as a scan does", async () => {
    const ports = [
      `${OWN} tcp 22`,
      "127.0.0.1 tcp 5432",
      "10.10.0.10 tcp 80",
      "10.10.0.10 udp 53",
      "10.10.0.10 tcp 81",
    ];
    const words = await ask({ kind: "here", ports: [...ports, "203.0.113.5 tcp 80", "10.10.3.3 tcp 80"] });
    expect(saidOf(words)).toEqual({
      [`${OWN} tcp 22`]: "open syn-ack",
      "127.0.0.1 tcp 5432": "open syn-ack",
      "10.10.0.10 tcp 80": "open syn-ack",
      "10.10.0.10 tcp 81": "closed reset",
      "10.10.0.10 udp 53": "open udp-response",
      "80/tcp of 203.0.113.5": "it is outside of what may be probed",
      "80/tcp of 10.10.3.3": "nobody on its link answers for the address",
    });
    const plain = await ask({ kind: "here", ports: ["10.10.0.10 tcp 80", "10.10.0.10 udp 53"] }, { uid: NOBODY_UID });
    expect(saidOf(plain)).toEqual({
      "10.10.0.10 tcp 80": "open conn-accepted",
      "53/udp of 10.10.0.10": "asking UDP ports needs the right to send raw packets (CAP_NET_RAW)",
    });
  });
});

async function untilDone(asker: ChildProcess): Promise<void> {
  if (asker.stdout === null) throw new Error("no pipe");
  for await (const line of createInterface({ input: asker.stdout })) if (line.startsWith('{"done"')) return;
}
