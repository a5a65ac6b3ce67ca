// NAT: which address and port a packet goes on with (nft(8), "NAT STATEMENTS"; net/netfilter/nf_nat_core.c). It is always
// final in its chain.
import type { Statement } from "../statement.js";
import { keyFault, mapFinder, type SetFinder, valueReader } from "./evaluate.js";
import { BREAK, type FieldReader, isValue, type Reading } from "./reading.js";
import type { Step, StepResult } from "./rule-step.js";
import type { WalkAddress } from "./walk-address.js";
import type { WalkState } from "./walk-state.js";

type Nat = Statement & { readonly kind: "nat" };

/** A new address or port: one, a range to choose from, or none. */
type Choice = { readonly low: WalkAddress; readonly high: WalkAddress } | "none" | "break" | "unknown";

type Chooser = (state: WalkState) => Choice;

const ACCEPT: StepResult = { kind: "accept" };

/** The step of a NAT statement. */
export function natStep(nat: Nat, sets: SetFinder): Step {
  const isSource = nat.direction === "snat" || nat.direction === "masquerade";
  const choose = chooserOf(nat, sets);
  return ({ state }) => {
    const { address, port } = choose(state);
    if (address === "break" || port === "break") return "end";
    // It has no effect on the other family, which is no mismatch of the rule (nft_nat_inet_eval()).
    if (nat.family !== undefined && (nat.family === "ip") !== (state.family === 4)) return "next";
    if (address === "unknown" || port === "unknown") return { kind: "unknown", why: "its new address is not known" };
    return apply(state, isSource, address, port, nat);
  };
}

function chooserOf(
  nat: Nat,
  sets: SetFinder,
): (state: WalkState) => { readonly address: Choice; readonly port: Choice } {
  const port = portChooser(nat, sets);
  if (nat.direction === "masquerade") return (state) => ({ address: masqueradeAddress(state), port: port(state) });
  if (nat.direction === "redirect") return (state) => ({ address: redirectAddress(state), port: port(state) });
  if (nat.address === undefined) return (state) => ({ address: "none", port: port(state) });
  // A map may hold an address and a port side by side.
  if (nat.address.kind === "map") return mapChooser(nat.address, port, sets);
  if (nat.address.kind === "concat") {
    const [first, second] = nat.address.parts;
    const address = first === undefined ? port : chooser(first, sets);
    const own = second === undefined ? port : chooser(second, sets);
    return (state) => ({ address: address(state), port: own(state) });
  }
  const address = chooser(nat.address, sets);
  return (state) => ({ address: address(state), port: port(state) });
}

function portChooser({ port, portBase }: Nat, sets: SetFinder): Chooser {
  if (port === undefined) return () => "none";
  // Each port goes elsewhere, which one packet could follow and many at once could not.
  return portBase === undefined ? chooser(port, sets) : () => "unknown";
}

function mapChooser(map: NonNullable<Nat["address"]> & { readonly kind: "map" }, port: Chooser, sets: SetFinder) {
  const find = mapFinder(map, sets);
  return (state: WalkState): { readonly address: Choice; readonly port: Choice } => {
    const data = find(state);
    if (typeof data === "number") return { address: data === BREAK ? "break" : "unknown", port: "none" };
    if (data.kind !== "concat") return { address: chooser(data, sets)(state), port: port(state) };
    const [address, own] = data.parts.map((part) => chooser(part, sets)(state));
    return { address: address ?? "unknown", port: own ?? "none" };
  };
}

function chooser(expression: NonNullable<Nat["address"]>, sets: SetFinder): Chooser {
  if (expression.kind === "range") {
    const [low, high] = [valueReader(expression.low, sets), valueReader(expression.high, sets)];
    return (state) => rangeOf(low(state), high(state));
  }
  const read: FieldReader = valueReader(expression, sets);
  return (state) => {
    const value = read(state);
    return rangeOf(value, value);
  };
}

function rangeOf(low: Reading, high: Reading): Choice {
  const fault = keyFault([low, high]);
  if (fault !== undefined) return fault === BREAK ? "break" : "unknown";
  if (typeof low === "string" || typeof high === "string" || !(isValue(low) && isValue(high))) return "unknown";
  return { low, high };
}

function masqueradeAddress({ routes, outputInterface, destination }: WalkState): Choice {
  return outputInterface === undefined ? "unknown" : single(routes.sourceTowards(outputInterface, destination));
}

/**
 * Redirection leads to the first address of the interface that the packet has come in by; of what this host sends itself,
 * to the loopback address (nf_nat_redirect.c).
 */
function redirectAddress({ hook, family, routes, inputInterface, destination }: WalkState): Choice {
  if (hook === "output") return single(family === 4 ? 0x7f00_0001 : 1n);
  if (inputInterface === "lo") return single(family === 4 ? 0x7f00_0001 : 1n);
  return inputInterface === undefined ? "unknown" : single(routes.firstAddressOf(inputInterface, destination));
}

function single(address: WalkAddress | undefined): Choice {
  return address === undefined ? "unknown" : { low: address, high: address };
}

function apply(
  state: WalkState,
  isSource: boolean,
  address: Exclude<Choice, string> | "none",
  port: Exclude<Choice, string> | "none",
  { isPrefix, isRandom }: Nat,
): StepResult {
  const old = isSource ? state.source : state.destination;
  const fresh = address === "none" ? old : newAddress(old, address, isPrefix);
  if (fresh === undefined) return { kind: "unknown", why: "the kernel chooses one of several addresses" };
  const oldPort = isSource ? state.sourcePort : state.destinationPort;
  const freshPort = port === "none" ? oldPort : newPort(oldPort, port);
  const isOpen = state.hasPorts && (freshPort === undefined || isRandom === true);
  state.natCount++;
  if (isSource) {
    state.isSourceChanged = fresh !== old || freshPort !== oldPort || isOpen;
    state.source = fresh;
    state.sourcePort = freshPort ?? oldPort;
    state.isSourcePortOpen = isOpen;
  } else {
    state.isDestinationChanged = fresh !== old || freshPort !== oldPort || isOpen;
    state.destination = fresh;
    state.destinationPort = freshPort ?? oldPort;
    state.isDestinationPortOpen = isOpen;
  }
  return ACCEPT;
}

function newAddress(
  old: WalkAddress,
  { low, high }: Exclude<Choice, string>,
  isPrefix: boolean,
): WalkAddress | undefined {
  if (low === high) return low;
  if (isPrefix) return withHostBits(old, low, high);
  return undefined;
}

/** The network's bits are those in which both ends agree. */
function withHostBits(old: WalkAddress, low: WalkAddress, high: WalkAddress): WalkAddress {
  if (typeof old === "number" && typeof low === "number" && typeof high === "number") {
    return ((low & ~(low ^ high)) | (old & (low ^ high))) >>> 0;
  }
  const [wide, from, to] = [BigInt(old), BigInt(low), BigInt(high)];
  return (from & ~(from ^ to)) | (wide & (from ^ to));
}

/** A port within the range stays; undefined where the kernel chooses one. */
function newPort(old: number, { low, high }: Exclude<Choice, string>): number | undefined {
  if (low === high) return Number(low);
  return old >= low && old <= high ? old : undefined;
}
