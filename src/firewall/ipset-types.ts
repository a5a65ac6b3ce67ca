// The types of ipset and what keys they have. ipset(8), "SET TYPES"; net/netfilter/ipset/ip_set_*.c.
import { type DataType, INTERFACE_NAME, IPV4, IPV6, MARK, numberType, PORT, PROTOCOL } from "./data-type.js";

/** The only part of a key of list:set: the name of a set. */
export const LIST_MEMBER: DataType = { name: "set", bits: 0, form: "text" };

const ETHER = numberType("ether_addr", 48);

/** What an element has in one dimension. */
export type DimensionKind = "ip" | "net" | "port" | "iface" | "mark" | "mac" | "set";

const KINDS: ReadonlySet<string> = new Set(["ip", "net", "port", "iface", "mark", "mac", "set"]);
const METHODS: ReadonlySet<string> = new Set(["bitmap", "hash", "list"]);

function isKind(name: string): name is DimensionKind {
  return KINDS.has(name);
}

/** The dimensions of a type like "hash:ip,port"; `undefined` when there is no such type. */
export function dimensionsOf(type: string): readonly DimensionKind[] | undefined {
  const at = type.indexOf(":");
  const dimensions = type.slice(at + 1).split(",");
  if (at < 0 || !METHODS.has(type.slice(0, at)) || dimensions.length > 3) return undefined;
  return dimensions.every(isKind) ? dimensions.filter(isKind) : undefined;
}

/** The parts of the keys: a port comes with its protocol, but where ports are all that a set has. */
export function keyTypes(dimensions: readonly DimensionKind[], family: 4 | 6): readonly DataType[] {
  return dimensions.flatMap((kind) => typesOf(kind, family, dimensions.length === 1));
}

function typesOf(kind: DimensionKind, family: 4 | 6, isAlone: boolean): readonly DataType[] {
  switch (kind) {
    case "ip":
    case "net":
      return [family === 4 ? IPV4 : IPV6];
    case "port":
      return isAlone ? [PORT] : [PROTOCOL, PORT];
    case "iface":
      return [INTERFACE_NAME];
    case "mark":
      return [MARK];
    case "mac":
      return [ETHER];
    case "set":
      return [LIST_MEMBER];
  }
}
