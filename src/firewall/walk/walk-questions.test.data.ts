// A host, packets to it and short rulesets: for tests of the walk.

import { readNftText } from "../nft-text.js";
import type { Decider, HostEnvironment, WalkAnswer } from "../packet-question.js";
import { readEnvironment, readPacket } from "../read-questions.js";
import type { Ruleset } from "../ruleset.js";
import { PacketWalk } from "./packet-walk.js";

/** A host with two links that forwards. */
export const ENVIRONMENT: HostEnvironment = readEnvironment(
  JSON.stringify({
    ifaces: [
      { name: "lo", addrs: ["127.0.0.1/8", "::1/128"] },
      { name: "eth0", addrs: ["203.0.113.10/24", "203.0.113.11/24", "2001:db8:1::10/64", "fe80::10/64"] },
      { name: "eth1", addrs: ["192.168.1.1/24", "2001:db8:2::1/64", "fe80::11/64"] },
    ],
    routes: [
      { dst: "0.0.0.0/0", dev: "eth0" },
      { dst: "::/0", dev: "eth0" },
      { dst: "10.0.0.0/8", dev: "eth1" },
    ],
    forward: true,
  }),
  "host",
);

/** A packet as JSON. */
type PacketJson = Readonly<Record<string, unknown>>;

/** To the host itself. */
export const V4: PacketJson = { src: "198.51.100.7", dst: "203.0.113.10", iif: "eth0", dport: 22 };
export const V6: PacketJson = { src: "2001:db8:9::1", dst: "2001:db8:1::10", iif: "eth0", dport: 22 };
/** Through it to another link. */
export const THROUGH: PacketJson = { ...V4, iif: "eth0", dst: "10.1.2.3" };
/** Sent by it. */
export const OUT: PacketJson = { dir: "out", src: "203.0.113.10", dst: "9.9.9.9", dport: 22 };

/** The answer on that host. */
export function ask(ruleset: Ruleset, packet: Readonly<Record<string, unknown>>): WalkAnswer {
  return new PacketWalk(ruleset, ENVIRONMENT).answer(readPacket(packet, { file: "test" }));
}

/** One base chain of an inet table; `rules` may hold further chains behind the first. */
export function chain(hook: string, rules: string, policy: "accept" | "drop" = "drop", priority = "filter"): string {
  const type = priority.includes("nat") ? "nat" : "filter";
  return `\tchain ${hook} {\n\t\ttype ${type} hook ${hook} priority ${priority}; policy ${policy};\n${rules
    .trim()
    .split("\n")
    .map((rule) => `\t\t${rule.trim()}\n`)
    .join("")}\t}\n`;
}

/** An inet table of these chains, as it is read from text. */
export function table(...parts: readonly string[]): Ruleset {
  return readNftText(`table inet t {\n${parts.join("\n")}}\n`);
}

/** One with an input chain. */
export function input(rules: string, policy: "accept" | "drop" = "drop"): Ruleset {
  return table(chain("input", rules, policy));
}

/** The way of a packet, an event a text. */
export function wayOf({ path }: WalkAnswer): readonly string[] {
  return path.map(({ chain: name, index, verdict }: Decider) => `${name} ${index} ${verdict}`);
}
