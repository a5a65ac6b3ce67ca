// Compares what the kernel did with what a walk says, one packet at a time.
import type { Decider, WalkAnswer } from "../../src/firewall/packet-question.js";
import { formatAddress } from "../../src/target/address.js";
import type { KernelAnswer, PacketJson } from "./kernel-answer.js";
import type { ListingPlaces } from "./listing-places.js";

/** What can differ. */
export type Difference = "verdict" | "with" | "where" | "oif" | "nat" | "by" | "path";

/** What was compared, and where the two differ. */
export interface Comparison {
  /** The walk does not know. */
  readonly isUnknown: boolean;
  /** The packet could not be tried. */
  readonly isSkipped: boolean;
  readonly differences: readonly Difference[];
  /** Both sides in one line each, for people. */
  readonly kernel: string;
  readonly walk: string;
}

/** Compares one answer. */
export function compareAnswer(
  packet: PacketJson,
  kernel: KernelAnswer,
  walk: WalkAnswer,
  places: ListingPlaces,
): Comparison {
  const truth = kernelPath(packet, kernel, places);
  const by = kernelDecider(packet, kernel, truth, places);
  const isSkipped = kernel.fault !== undefined;
  const isUnknown = !isSkipped && walk.verdict === "unknown";
  return {
    isSkipped,
    isUnknown,
    differences:
      isSkipped || isUnknown ? [] : [...endDifferences(packet, kernel, walk), ...wayDifferences(by, truth, walk)],
    kernel: kernel.fault ?? `${endText(kernel.verdict, kernelEnds(packet, kernel), kernel.with)} ${wayText(by, truth)}`,
    walk: `${endText(walk.verdict, walkEnds(packet, walk), walk.with ?? walk.why)} ${wayText(walk.by, walk.path)}`,
  };
}

function endDifferences(packet: PacketJson, kernel: KernelAnswer, walk: WalkAnswer): readonly Difference[] {
  if (kernel.verdict !== walk.verdict) return ["verdict"];
  if (kernel.verdict !== "accept") return kernel.with === walk.with ? [] : ["with"];
  const [truth, found] = [kernelEnds(packet, kernel, walk), walkEnds(packet, walk)];
  const isSent = truth.where !== "local";
  return [
    ...(truth.where === found.where ? [] : (["where"] as const)),
    ...(isSent && truth.device !== found.device ? (["oif"] as const) : []),
    ...(truth.addresses === found.addresses ? [] : (["nat"] as const)),
  ];
}

function wayDifferences(by: Decider | undefined, truth: readonly Decider[], walk: WalkAnswer): readonly Difference[] {
  const isSameWay = truth.length === walk.path.length && truth.every((event, at) => isSameEvent(event, walk.path[at]));
  return [
    ...(placeText(by) === placeText(walk.by) ? [] : (["by"] as const)),
    ...(isSameWay ? [] : (["path"] as const)),
  ];
}

/** What iptables-legacy traces has no verdict but "drop"; what is refused is dropped. */
function isSameEvent(truth: Decider, found: Decider | undefined): boolean {
  if (placeText(truth) !== placeText(found)) return false;
  return truth.verdict === "" || truth.verdict === verdictOf(found);
}

function verdictOf(event: Decider | undefined): string | undefined {
  return event?.verdict === "reject" ? "drop" : event?.verdict;
}

function kernelPath(packet: PacketJson, kernel: KernelAnswer, places: ListingPlaces): readonly Decider[] {
  if (!places.isLegacy) return kernel.trace.map((event) => places.decider(event));
  const family = String(packet.src).includes(":") ? "ip6" : "ip";
  return kernel.legacyTrace.flatMap((text) => places.legacyDecider(family, text) ?? []);
}

/** Of an accept, the last one of the filters at the hook that lets in, through or out; of other ends, the last drop. */
function kernelDecider(
  packet: PacketJson,
  kernel: KernelAnswer,
  truth: readonly Decider[],
  places: ListingPlaces,
): Decider | undefined {
  if (kernel.verdict !== "accept") return truth.findLast(({ verdict }) => verdict === "drop");
  const hook = { local: "input", forward: "forward", out: "output" }[whereOf(packet, kernel) ?? "local"];
  let isThere = false;
  let last: Decider | undefined;
  for (const event of truth) {
    const base = places.base(event);
    if (base !== undefined) isThere = base.hook === hook && !base.isNat;
    if (isThere && (event.verdict === "accept" || event.verdict === "")) last = event;
  }
  return last;
}

interface Ends {
  readonly where: string | undefined;
  readonly device: string | undefined;
  readonly addresses: string;
}

function whereOf(packet: PacketJson, { where }: KernelAnswer): "local" | "forward" | "out" | undefined {
  return where === "out" && packet.dir !== "out" ? "forward" : where;
}

/** @param walk What leaves ports open: whatever the kernel has chosen is right then */
function kernelEnds(packet: PacketJson, kernel: KernelAnswer, walk?: WalkAnswer): Ends {
  const { source, destination } = kernel;
  const from = walk?.isSourcePortOpen === true ? walk.sourcePort : kernel.sourcePort;
  const to = walk?.isDestinationPortOpen === true ? walk.destinationPort : kernel.destinationPort;
  const addresses = `${source} ${from} to ${destination} ${to}`;
  return { where: whereOf(packet, kernel), device: kernel.outputInterface, addresses };
}

function walkEnds(packet: PacketJson, walk: WalkAnswer): Ends {
  const hasPorts = ["tcp", "udp", "sctp"].includes(String(packet.proto));
  const [from, to] = hasPorts ? [walk.sourcePort, walk.destinationPort] : [0, 0];
  const addresses = `${formatAddress(walk.source)} ${from} to ${formatAddress(walk.destination)} ${to}`;
  return { where: walk.where, device: walk.outputInterface, addresses };
}

function endText(verdict: string, { where, device, addresses }: Ends, more: string | undefined): string {
  return verdict === "accept" ? `accept ${where} ${device ?? ""} ${addresses}` : `${verdict} ${more ?? ""}`;
}

function wayText(by: Decider | undefined, path: readonly Decider[]): string {
  const events = path.map((event) => `${placeText(event).replaceAll(" ", "/")}/${verdictOf(event)}`);
  return `by ${placeText(by)} | ${events.join(" ")}`;
}

function placeText(decider: Decider | undefined): string {
  return decider === undefined ? "nobody" : `${decider.family} ${decider.table} ${decider.chain} ${decider.index}`;
}
