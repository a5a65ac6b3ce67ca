// Elements of ipset as `ipset save` writes them: the parts of a key between commas. ipset(8), "SET TYPES"; names of protocols
// and of ICMP's messages as lib/parse.c and lib/icmp.c of ipset print them.
import { quote } from "../target/fault.js";
import type { KeyPart, SetElement } from "./element-set.js";
import type { DimensionKind } from "./ipset-types.js";
import { ICMP_NAMES, ICMPV6_NAMES } from "./iptables-icmp-names.js";
import { addressOf, masked, networkOf, numberOf, prefixMask, protocolOf, rangeOf } from "./iptables-values.js";
import { NotUnderstood } from "./not-understood.js";

/** How the elements of a set are read. */
export interface ElementForm {
  readonly dimensions: readonly DimensionKind[];
  readonly family: 4 | 6;
  /** Of sets that keep only so many bits of an address. */
  readonly netmask: number | undefined;
}

const PORT_MAX = 0xffff;
const MARK_MAX = 0xffff_ffff;
const TCP = 6;
const ICMP = 1;
const ICMPV6 = 58;

/** Reads an element. @throws NotUnderstood */
export function readElement(
  text: string,
  form: ElementForm,
  flags: { readonly isExcluded: boolean; readonly isWildcard: boolean },
): SetElement {
  const { dimensions } = form;
  // A name of a set may hold commas itself.
  const parts = dimensions[0] === "set" ? [text] : text.split(",");
  // bitmap:ip,mac learns the hardware address from the first packet.
  const isOpen = parts.length === 1 && dimensions.length === 2 && dimensions[1] === "mac";
  if (parts.length !== dimensions.length && !isOpen) throw new NotUnderstood(`the element ${quote(text)}`);
  const key = dimensions.flatMap((kind, at) => partsOf(parts[at] ?? "", kind, form, flags.isWildcard));
  const isOfBridge = dimensions.some((kind, at) => kind === "iface" && parts[at]?.startsWith("physdev:") === true);
  const condition = isOpen
    ? "the hardware address that its first packet has"
    : isOfBridge
      ? "the port of a bridge that it comes by"
      : undefined;
  return {
    key,
    ...(flags.isExcluded ? { isExcluded: true } : {}),
    ...(condition === undefined ? {} : { condition }),
  };
}

function partsOf(text: string, kind: DimensionKind, form: ElementForm, isWildcard: boolean): readonly KeyPart[] {
  switch (kind) {
    case "ip":
    case "net":
      return [addressPart(text, form)];
    case "port":
      return form.dimensions.length === 1 ? [range(rangeOf(text, PORT_MAX, "-"))] : protocolPort(text);
    case "iface":
      return [{ kind: "text", text: text.replace(/^physdev:/, ""), isPrefix: isWildcard }];
    case "mark":
      return [single(numberOf(text, MARK_MAX))];
    case "mac":
      return [text === "" ? range([0, 2 ** 48 - 1]) : single(hardwareAddress(text))];
    case "set":
      return [{ kind: "text", text, isPrefix: false }];
  }
}

function addressPart(text: string, { family, netmask }: ElementForm): KeyPart {
  const dash = text.indexOf("-");
  if (dash > 0) return range([addressOf(text.slice(0, dash), family), addressOf(text.slice(dash + 1), family)]);
  const { address, last } =
    netmask === undefined || text.includes("/")
      ? networkOf(text, family)
      : masked(addressOf(text, family), prefixMask(netmask, family), family);
  if (last === undefined) throw new NotUnderstood(`the network ${quote(text)}`);
  return range([address, last]);
}

/** "tcp:80", "icmp:echo-request", "icmp:3/9", "gre:0"; a port alone is one of TCP. */
function protocolPort(text: string): readonly KeyPart[] {
  const at = text.indexOf(":");
  if (at < 0) return [single(TCP), range(rangeOf(text, PORT_MAX, "-"))];
  const protocol = protocolOf(text.slice(0, at));
  const port = text.slice(at + 1);
  if (protocol === ICMP || protocol === ICMPV6) return [single(protocol), single(icmpPort(port, protocol === ICMP))];
  return [single(protocol), range(rangeOf(port, PORT_MAX, "-"))];
}

/** Type and code, side by side. */
function icmpPort(text: string, isIpv4: boolean): number {
  const named = (isIpv4 ? ICMP_NAMES : ICMPV6_NAMES).get(text);
  if (named !== undefined) return named[0] * 256 + (named[1] ?? 0);
  const [type = "", code] = text.split("/");
  return code === undefined ? numberOf(type, PORT_MAX) : numberOf(type, 255) * 256 + numberOf(code, 255);
}

const MAC = /^[0-9a-fA-F]{1,2}(:[0-9a-fA-F]{1,2}){5}$/;

function hardwareAddress(text: string): number {
  if (!MAC.test(text)) throw new NotUnderstood(`the address ${quote(text)}`);
  return text.split(":").reduce((sum, octet) => sum * 256 + Number.parseInt(octet, 16), 0);
}

function single(value: number | bigint): KeyPart {
  return { kind: "range", low: value, high: value };
}

function range([low, high]: readonly [low: number | bigint, high: number | bigint]): KeyPart {
  if (low > high) throw new NotUnderstood("a range that ends before it begins");
  return { kind: "range", low, high };
}
