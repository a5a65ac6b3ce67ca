// The interfaces and addresses of a network namespace from the text of its /proc/net: fib_trie, if_inet6, route,
// ipv6_route, igmp (proc(5); net/ipv4/fib_trie.c; if6_seq_show in net/ipv6/addrconf.c; igmp_mc_seq_show in net/ipv4/igmp.c).
import { isReadFault, type ProcFiles } from "../linux/proc-files.js";
import type { Address } from "../target/address.js";
import { parseIpv4 } from "../target/ipv4.js";
import type { LocalAddress, LocalNetwork } from "./local-network.js";

/** A router with the whole Internet's routes has 100 MB of it: then the addresses of IPv4 are not read from text. */
const TRIE_BYTES_MAX = 8 << 20;
const BYTES_MAX = 4 << 20;

/** Reads what the folder ("net", "123/net") says; an empty network where it says nothing. */
export function readTextNetwork(files: ProcFiles, folder: string): LocalNetwork {
  const text = (name: string, bytesMax: number): string => {
    const content = files.text(`${folder}/${name}`, bytesMax);
    return isReadFault(content) || content.length >= bytesMax ? "" : content;
  };
  const routes = parseRoutes(text("route", BYTES_MAX));
  const ipv4 = parseLocalTrie(text("fib_trie", TRIE_BYTES_MAX)).map((value) => ipv4Address(value, routes));
  const inet6 = text("if_inet6", BYTES_MAX);
  const ipv6 = parseInet6(inet6);
  const gateways = routes.filter(({ hasGateway }) => hasGateway).map(({ device }) => device);
  const routedInterfaces = new Set([...gateways, ...parseIpv6Gateways(text("ipv6_route", BYTES_MAX))]);
  return { addresses: [...ipv4, ...ipv6], nameByIndex: namesOf(text("igmp", BYTES_MAX), inet6), routedInterfaces };
}

function ipv4Address(value: number, routes: readonly Route[]): LocalAddress {
  const address: Address = { family: 4, value };
  if (value >>> 24 === 127) return { address, interfaceName: "lo" };
  const [nearest] = routes.filter((route) => contains(route, value)).sort((a, b) => b.prefix - a.prefix);
  return { address, interfaceName: nearest?.device };
}

interface Route {
  readonly device: string;
  readonly network: number;
  readonly mask: number;
  readonly prefix: number;
  readonly hasGateway: boolean;
}

function contains({ network, mask, prefix }: Route, value: number): boolean {
  return prefix > 0 && (value & mask) >>> 0 === network;
}

/** Iface Destination Gateway Flags RefCnt Use Metric Mask: words in the machine's order. */
function parseRoutes(text: string): readonly Route[] {
  return text
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const fields = line.split(/\s+/);
      const [device, destination, mask] = [fields[0] ?? "", fields[1] ?? "", fields[7] ?? ""];
      if (!/^[0-9A-F]{8}$/.test(destination) || !/^[0-9A-F]{8}$/.test(mask)) return [];
      const bits = swapped(mask);
      const hasGateway = fields[2] !== "00000000";
      return [{ device, network: swapped(destination), mask: bits, prefix: countOnes(bits), hasGateway }];
    });
}

function swapped(hex: string): number {
  return Buffer.from(hex, "hex").readUInt32LE();
}

function countOnes(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest = (rest << 1) >>> 0) count++;
  return count;
}

/** Addresses of the local table: a leaf `|-- 192.0.2.2` with `/32 host LOCAL` below it. */
function parseLocalTrie(text: string): readonly number[] {
  const found = new Set<number>();
  let leaf: number | undefined;
  for (const line of text.split("\n")) {
    const address = /^\s+\|-- (\d+\.\d+\.\d+\.\d+)$/.exec(line)?.[1];
    if (address !== undefined) leaf = parseIpv4(address);
    else if (leaf !== undefined && /^\s+\/32 host LOCAL$/.test(line)) found.add(leaf);
  }
  return [...found];
}

/** fe80000000000000… 04 40 20 80 eth0: address, index, prefix length, scope, flags, name. */
function parseInet6(text: string): readonly LocalAddress[] {
  return text.split("\n").flatMap((line): LocalAddress[] => {
    const match = /^([0-9a-f]{32}) [0-9a-f]+ [0-9a-f]{2} [0-9a-f]{2} [0-9a-f]{2}\s+(\S+)$/.exec(line);
    if (match === null) return [];
    const address: Address = { family: 6, bytes: Uint8Array.from(Buffer.from(match[1] ?? "", "hex")) };
    return [{ address, interfaceName: match[2] }];
  });
}

/** Index and name of what has IPv4 (lines "2⇥eth0      :     1      V3") and of what has IPv6. No table has them all. */
function namesOf(igmp: string, inet6: string): ReadonlyMap<number, string> {
  const ofIpv4 = [...igmp.matchAll(/^(\d{1,9})\t(\S+)\s*:/gm)].map(
    ([, index, name = ""]) => [Number(index), name] as const,
  );
  const ofIpv6 = [...inet6.matchAll(/^[0-9a-f]{32} ([0-9a-f]{1,8}) .*\s(\S+)$/gm)].map(
    ([, index = "", name = ""]) => [Number.parseInt(index, 16), name] as const,
  );
  return new Map([...ofIpv4, ...ofIpv6]);
}

/** The devices of routes that lead over a router: destination, length, source, length, next hop …, flags, device. */
function parseIpv6Gateways(text: string): readonly string[] {
  return text.split("\n").flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const device = fields[9];
    return device !== undefined && !/^0{32}$/.test(fields[4] ?? "") ? [device] : [];
  });
}
