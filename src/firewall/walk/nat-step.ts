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
    if (nat.family !== undefined && (nat.family === "ip") !== (state.family === 4)) return "end";
    const { address, port } = choose(state);
    if (address === "break" || port === "break") return "end";
    if (address === "unknown" || port === "unknown") return { kind: "unknown", why: "its new address is not known" };
    return apply(state, isSource, address, port, nat.isPrefix);
  };
}

function chooserOf(
  nat: Nat,
  sets: SetFinder,
): (state: WalkState) => { readonly address: Choice; readonly port: Choice } {
  const port = nat.port === undefined ? () => "none" as const : chooser(nat.port, sets);
  if (nat.direction === "masquerade")
    return (state) => ({ address: ownAddress(state, state.outputInterface), port: port(state) });
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

/** What masquerading writes: the address of the interface that the packet leaves by. */
function ownAddress({ routes, family }: WalkState, device: string | undefined): Choice {
  const address = device === undefined ? undefined : routes.addressOf(device, family);
  return address === undefined ? "unknown" : { low: address, high: address };
}

/** Redirection leads to the interface's own address; of what this host sends itself, to the loopback address. */
function redirectAddress(state: WalkState): Choice {
  if (state.hook !== "output") return ownAddress(state, state.inputInterface);
  const loopback = state.family === 4 ? 0x7f00_0001 : 1n;
  return { low: loopback, high: loopback };
}

function apply(
  state: WalkState,
  isSource: boolean,
  address: Exclude<Choice, string> | "none",
  port: Exclude<Choice, string> | "none",
  isPrefix: boolean,
): StepResult {
  const old = isSource ? state.source : state.destination;
  const fresh = address === "none" ? old : newAddress(old, address, isPrefix);
  const oldPort = isSource ? state.sourcePort : state.destinationPort;
  const freshPort = port === "none" ? oldPort : newPort(oldPort, port);
  if (fresh === undefined) return { kind: "unknown", why: "the kernel chooses one of several addresses" };
  if (freshPort === undefined) return { kind: "unknown", why: "the kernel chooses one of several ports" };
  state.natCount++;
  if (isSource) {
    state.isSourceChanged = fresh !== old || freshPort !== oldPort;
    state.source = fresh;
    state.sourcePort = freshPort;
  } else {
    state.isDestinationChanged = fresh !== old || freshPort !== oldPort;
    state.destination = fresh;
    state.destinationPort = freshPort;
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

/** A port within the range stays. */
function newPort(old: number, { low, high }: Exclude<Choice, string>): number | undefined {
  if (low === high) return Number(low);
  return old >= low && old <= high ? old : undefined;
}
