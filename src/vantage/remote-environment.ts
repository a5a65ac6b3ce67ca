// Another host as rules see it, from text: ip -o addr (ip-address(8)) and the routes of its /proc/net (route_seq_show in
// net/ipv4/fib_trie.c; rt6_info_route in net/ipv6/route.c).
import type { HostEnvironment } from "../firewall/packet-question.js";
import type { LocalNetwork } from "../inside/local-network.js";
import { isForwarding } from "../linux/forwarding.js";
import { isReadFault, type ProcFiles } from "../linux/proc-files.js";
import { type Address, parseAddress } from "../target/address.js";

type Route = HostEnvironment["routes"][number];
type OwnAddress = HostEnvironment["interfaces"][number]["addresses"][number];

const ROUTE_BYTES_MAX = 4 << 20;
/** Flags of routes: up, and rejecting (include/uapi/linux/route.h); local, and anycast (include/uapi/linux/ipv6_route.h). */
const RTF_UP = 0x1;
const RTF_REJECT = 0x200;
const RTF_ANYCAST = 0x0010_0000;
const RTF_LOCAL = 0x8000_0000;

/** What is known beside the tree. */
export interface EnvironmentSource {
  readonly files: ProcFiles;
  /** Lines of ip -o addr; empty where there is no ip. */
  readonly addressLines: readonly string[];
  readonly indexes: ReadonlyMap<string, number>;
  /** What the tables say: for hosts without ip. */
  readonly network: LocalNetwork | undefined;
}

/** Puts it together. Only the main table of IPv4 is in the text; rules of routing are not. */
export function remoteEnvironment({ files, addressLines, indexes, network }: EnvironmentSource): HostEnvironment {
  const routes = [...ipv4Routes(textOf(files, "net/route")), ...ipv6Routes(textOf(files, "net/ipv6_route"))];
  const told = addressLines.flatMap(parseAddressLine);
  const addresses = told.length > 0 ? told : fromTables(network, routes);
  const names = new Set([...indexes.keys(), ...addresses.map(({ name }) => name)]);
  return {
    interfaces: [...names].map((name) => {
      const index = indexes.get(name) ?? addresses.find((one) => one.name === name)?.index;
      const own = addresses.filter((one) => one.name === name).map(({ address, prefix }) => ({ address, prefix }));
      return { name, addresses: own, ...(index === undefined ? {} : { index }) };
    }),
    routes: routes.filter(({ device }) => names.has(device)),
    isForwarding: [...names].some((name) => isForwarding(4, name, files.root) || isForwarding(6, name, files.root)),
  };
}

function textOf(files: ProcFiles, name: string): string {
  const text = files.text(name, ROUTE_BYTES_MAX, "latin1");
  return isReadFault(text) || text.length >= ROUTE_BYTES_MAX ? "" : text;
}

interface NamedAddress extends OwnAddress {
  readonly name: string;
  readonly index?: number;
}

/** "2: eth0    inet 10.0.0.1/24 brd …", "3: ppp0    inet 10.0.0.1 peer 10.0.0.2/32 …". */
function parseAddressLine(line: string): readonly NamedAddress[] {
  const match =
    /^(\d{1,10}): ([^\s/]{1,15}?)(?:@\S+)?\s+inet6? ([0-9a-f.:]{2,45})(?: peer [0-9a-f.:]+)?(?:\/(\d{1,3}))?\s/.exec(
      line,
    );
  const [, index, name = "", text = "", prefixText] = match ?? [];
  const address = parseAddress(text);
  if (address === undefined) return [];
  const bits = address.family === 4 ? 32 : 128;
  const prefix = prefixText === undefined ? bits : Math.min(bits, Number(prefixText));
  return [{ name, index: Number(index), address, prefix }];
}

function fromTables(network: LocalNetwork | undefined, routes: readonly Route[]): readonly NamedAddress[] {
  return (network?.addresses ?? []).flatMap(({ address, interfaceName }) => {
    if (interfaceName === undefined) return [];
    const bits = address.family === 4 ? 32 : 128;
    const around = routes.filter((route) => route.device === interfaceName && isWithin(address, route));
    const prefix = interfaceName === "lo" && address.family === 4 ? 8 : Math.max(0, ...around.map((one) => one.prefix));
    return [{ name: interfaceName, address, prefix: prefix === 0 ? bits : prefix }];
  });
}

function isWithin(address: Address, { target, prefix }: Route): boolean {
  const [own, other] = [bitsOf(address), bitsOf(target)];
  return own.length === other.length && own.slice(0, prefix) === other.slice(0, prefix);
}

function bitsOf(address: Address): string {
  if (address.family === 4) return address.value.toString(2).padStart(32, "0");
  return [...address.bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
}

/** Iface Destination Gateway Flags RefCnt Use Metric Mask, words in the machine's order: ours, since both are little endian. */
function ipv4Routes(text: string): readonly Route[] {
  return text.split("\n").flatMap((line) => {
    const [device = "", destination = "", , flagText = "", , , , mask = ""] = line.split(/\s+/);
    const flags = Number.parseInt(flagText, 16);
    if (!isHex(destination, 8) || !isHex(mask, 8) || !isUsable(flags)) return [];
    const prefix = swapped(mask).toString(2).replaceAll("0", "").length;
    return [{ target: { family: 4, value: swapped(destination) }, prefix, device }];
  });
}

/** Destination, length, source, length, next hop, metric, references, use, flags, device. */
function ipv6Routes(text: string): readonly Route[] {
  return text.split("\n").flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [destination = "", lengthText = ""] = fields;
    const flags = Number.parseInt(fields[8] ?? "", 16);
    const prefix = Number.parseInt(lengthText, 16);
    const device = fields[9];
    const isOwn = (flags & (RTF_LOCAL | RTF_ANYCAST)) !== 0 || destination.startsWith("ff");
    if (device === undefined || !isHex(destination, 32) || !isUsable(flags) || isOwn || !(prefix <= 128)) return [];
    return [{ target: { family: 6, bytes: Uint8Array.from(Buffer.from(destination, "hex")) }, prefix, device }];
  });
}

function isHex(text: string, length: number): boolean {
  return text.length === length && /^[0-9A-Fa-f]+$/.test(text);
}

function isUsable(flags: number): boolean {
  return (flags & RTF_UP) !== 0 && (flags & RTF_REJECT) === 0;
}

function swapped(hex: string): number {
  return Buffer.from(hex, "hex").readUInt32LE();
}
