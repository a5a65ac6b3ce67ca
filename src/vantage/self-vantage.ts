// A namespace beside this machine as a vantage: packets come in by the machine's real PREROUTING and INPUT, from a source
// address of the user's choice, though nobody else is there. docs/vantages.md, docs/decisions/self-namespace.md.
import { EXDEV, errnoName } from "../linux/errno.js";
import { isLinkLocal } from "../linux/interfaces.js";
import { Netlink } from "../linux/netlink.js";
import { type Route, RouteTable } from "../linux/routes.js";
import { SideNamespace, type WayThere } from "../linux/side-namespace.js";
import { dumpInetSockets } from "../linux/sock-diag-inet.js";
import { VERSION } from "../model/version.js";
import type { Timing } from "../scan/plan.js";
import { type Address, formatAddress, isSameHost, unmapped } from "../target/address.js";
import type { UdpPayloadsData } from "../technique/udp-payloads.js";
import { askByEngine } from "./ask-by-engine.js";
import { AskedList } from "./asked-list.js";
import { gapsBeyond } from "./scope-gaps.js";
import { chooseSources } from "./self-source.js";
import type { AskedPort, AskingOptions, Vantage, VantageEvent } from "./vantage.js";

/** Nothing is far, and nothing is lost on the way: silence costs less than a second, and a slow program has its time. */
const TIMING: Partial<Timing> = { initialRttTimeoutMs: 250, maxRttTimeoutMs: 1000 };

/** How the namespace shall be. */
export interface SelfOptions {
  /** Where probes come from, one address of each family at most; undefined for addresses that stand for anywhere. */
  readonly source: readonly Address[] | undefined;
  /** What UDP services are asked. */
  readonly udpPayloads: UdpPayloadsData;
}

/**
 * Makes the namespace and joins it to this machine. Until the vantage is closed this machine reaches the source addresses
 * in there; that ends with the process, too, however it ends.
 *
 * @throws PrivilegeError without CAP_SYS_ADMIN and CAP_NET_ADMIN
 * @throws UsageError for source addresses that cannot be had
 * @throws SystemCallError when the kernel refuses
 */
export function openSelfVantage({ source, udpPayloads }: SelfOptions): Vantage {
  const { sources, remarks, waysBefore } = lookAround(source);
  const side = SideNamespace.open(sources);
  return new SelfVantage(side, udpPayloads, limitsOf(side, remarks, waysBefore));
}

class SelfVantage implements Vantage {
  readonly name = "self";
  readonly means = `postern ${VERSION}`;
  readonly sources: readonly Address[];
  readonly arrivesBy: string;
  readonly limits: readonly string[];
  readonly #side: SideNamespace;
  readonly #udpPayloads: UdpPayloadsData;
  readonly #closing = new AbortController();

  constructor(side: SideNamespace, udpPayloads: UdpPayloadsData, limits: readonly string[]) {
    this.#side = side;
    this.#udpPayloads = udpPayloads;
    this.sources = side.sources;
    this.arrivesBy = side.interfaceName;
    this.limits = limits;
  }

  async *ask(ports: readonly AskedPort[], options: AskingOptions): AsyncGenerator<VantageEvent, void, void> {
    const list = new AskedList(ports);
    yield* gapsBeyond(list, options.scope);
    for (const address of list.addresses) {
      const why = this.#whyNot(address);
      if (why !== undefined) yield* list.giveUp(formatAddress(address), why);
    }
    const signal = AbortSignal.any([options.signal, this.#closing.signal]);
    yield* askByEngine(
      list,
      { ...options, signal },
      {
        udpPayloads: this.#udpPayloads,
        isPrivileged: true,
        timing: TIMING,
        networkNamespace: this.#side.namespace,
      },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#side.close();
  }

  /** Why an address cannot be asked from in there, or undefined. */
  #whyNot(address: Address): string | undefined {
    if (isLoopback(address)) return "no other host can send to a loopback address";
    if (address.family === 6 && isLinkLocal(address.bytes))
      return "a link-local address is reached from its link alone";
    const source = this.sources.find(({ family }) => family === address.family);
    if (source === undefined) return `the namespace has no source address of IPv${address.family}`;
    if (isSameHost(source, address)) return "it is the source address itself";
    const way = this.#side.askWay(source, address);
    return way.isWhole ? undefined : wayText(way, source, this.arrivesBy);
  }
}

/** What is known before anything is changed. */
interface Surroundings {
  readonly sources: readonly Address[];
  readonly remarks: readonly string[];
  readonly waysBefore: readonly (readonly [source: Address, way: Route])[];
}

function lookAround(wishes: readonly Address[] | undefined): Surroundings {
  const routes = new RouteTable();
  try {
    const wayTo = (address: Address): Route => routes.lookup(address);
    const { sources, remarks } = chooseSources(wishes, { wayTo, isConnected });
    return { sources, remarks, waysBefore: sources.map((source) => [source, wayTo(source)]) };
  } finally {
    routes.close();
  }
}

/** True when a TCP connection with the address is open. */
function isConnected(address: Address): boolean {
  const netlink = new Netlink("sock-diag");
  try {
    return ([4, 6] as const).some((family) => {
      const dump = dumpInetSockets(netlink, "tcp", family, "all");
      const sockets = dump.kind === "sockets" ? dump.sockets : [];
      return sockets.some(({ state, remote }) => state !== "time-wait" && isSameHost(unmapped(remote), address));
    });
  } finally {
    netlink.close();
  }
}

function limitsOf(
  { interfaceName, sources, mirrored }: SideNamespace,
  remarks: readonly string[],
  waysBefore: Surroundings["waysBefore"],
): readonly string[] {
  const names = sources.map(formatAddress).join(" and ");
  const isLeftOut = (source: Address): boolean => !sources.includes(source);
  return [
    `Packets come in by ${interfaceName} and not by the interface that others use: rules about interfaces (iif, iifname) ` +
      "are not met as they would be, and what is bound to a real interface (XDP, tc, ingress chains) does not see them. " +
      `Rules for what is forwarded, to containers, see ${interfaceName}, too.`,
    "No network lies between: nothing is known of the way itself, or of firewalls and address translation on it.",
    "Where address translation leads to another machine, that one is asked, and its answers come back only if its way to " +
      `${names} leads through this machine.`,
    ...waysBefore.map(([source, way]) =>
      isLeftOut(source)
        ? `IPv6 is not asked: this machine has no IPv6 on ${interfaceName}.`
        : `Until the end this machine reaches ${formatAddress(source)} by ${interfaceName}; before, ${wayBeforeText(way)}.`,
    ),
    ...remarks,
    ...mirrored.map((setting) => `${interfaceName} has ${setting}.`),
  ];
}

function wayBeforeText({ kind, device, gateway }: Route): string {
  if (kind === "unreachable" || device === undefined) return "it had no way there";
  return `it was by ${device.name}${gateway === undefined ? "" : ` through ${formatAddress(gateway)}`}`;
}

function wayText({ there, back }: WayThere, source: Address, interfaceName: string): string {
  const from = formatAddress(source);
  if (there.kind === "leaves") return "it is no address of this machine";
  if (there.kind === "refused") {
    const why = there.errno === EXDEV ? "rp_filter" : errnoName(there.errno);
    return `this machine takes no packet from ${from} to it by ${interfaceName}: ${why}`;
  }
  return back.kind === "leaves"
    ? `answers to ${from} would leave by another interface: a rule of the routing policy says so (ip rule)`
    : "this machine has no way back from it";
}

function isLoopback(address: Address): boolean {
  return address.family === 4
    ? address.value >>> 24 === 127
    : address.bytes.every((byte, at) => byte === (at === 15 ? 1 : 0));
}
