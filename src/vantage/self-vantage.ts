// A namespace beside this machine as a vantage: packets come in by the machine's real PREROUTING and INPUT, from a source
// address of the user's choice, though nobody else is there. docs/vantages.md, docs/decisions/self-namespace.md.
import { setTimeout } from "node:timers/promises";
import { isLoopback } from "../inside/reach.js";
import { EINVAL, EXDEV, errnoName } from "../linux/errno.js";
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
import { type ChosenGuise, chooseGuise, type SourceWay } from "./self-guise.js";
import { chooseSources, namesOf } from "./self-source.js";
import type { AskedPort, AskingOptions, Vantage, VantageEvent } from "./vantage.js";

/** Nothing is far, and nothing is lost on the way: silence costs less than a second, and a slow program has its time. */
const TIMING: Partial<Timing> = { initialRttTimeoutMs: 250, maxRttTimeoutMs: 1000 };

/** An asking that was stopped ends in a few ms, if anybody is still waiting for what it tells. */
const CLOSING_MS_MAX = 1000;

/** How the namespace shall be. */
export interface SelfOptions {
  /**
   * Where probes come from, the first of each family; UDP probes from all by turns, since the errors that show closed ports
   * are rationed by address. Undefined for addresses that stand for anywhere.
   */
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
  const surroundings = lookAround(source);
  const side = SideNamespace.open(surroundings.chosen.sources, surroundings.chosen.guise);
  return new SelfVantage(side, udpPayloads, limitsOf(side, surroundings));
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
  readonly #running = new Set<Promise<void>>();

  constructor(side: SideNamespace, udpPayloads: UdpPayloadsData, limits: readonly string[]) {
    this.#side = side;
    this.#udpPayloads = udpPayloads;
    this.sources = side.sources;
    this.arrivesBy = side.interfaceName;
    this.limits = limits;
  }

  async *ask(ports: readonly AskedPort[], options: AskingOptions): AsyncGenerator<VantageEvent, void, void> {
    let end = (): void => {};
    const running = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#running.add(running);
    try {
      yield* this.#ask(new AskedList(ports), options);
    } finally {
      this.#running.delete(running);
      end();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await Promise.race([Promise.all(this.#running), setTimeout(CLOSING_MS_MAX, undefined, { ref: false })]);
    this.#side.close();
  }

  async *#ask(list: AskedList, options: AskingOptions): AsyncGenerator<VantageEvent, void, void> {
    yield* gapsBeyond(list, options.scope);
    for (const address of list.addresses) {
      const why = this.#closing.signal.aborted ? "the vantage is closed" : this.#whyNot(address);
      if (why !== undefined) yield* list.giveUp(formatAddress(address), why);
    }
    const signal = AbortSignal.any([options.signal, this.#closing.signal]);
    const means = {
      udpPayloads: this.#udpPayloads,
      isPrivileged: true,
      timing: TIMING,
      networkNamespace: this.#side.namespace,
      sources: this.sources,
    };
    yield* askByEngine(list, { ...options, signal }, means);
  }

  /** Why an address cannot be asked from in there, or undefined. */
  #whyNot(address: Address): string | undefined {
    if (isLoopback(address)) return "no other host can send to a loopback address";
    if (address.family === 6 && isLinkLocal(address.bytes))
      return "a link-local address is reached from its link alone";
    const sources = this.sources.filter(({ family }) => family === address.family);
    if (sources.length === 0) return `the namespace has no source address of IPv${address.family}`;
    if (sources.some((source) => isSameHost(source, address))) return "it is a source address itself";
    for (const source of sources) {
      const way = this.#side.askWay(source, address);
      if (!way.isWhole) return wayText(way, source, this.arrivesBy);
    }
    return undefined;
  }
}

/** What is known before anything is changed. */
interface Surroundings {
  readonly remarks: readonly string[];
  readonly ways: readonly SourceWay[];
  readonly chosen: ChosenGuise;
}

function lookAround(wishes: readonly Address[] | undefined): Surroundings {
  const routes = new RouteTable();
  try {
    const wayTo = (address: Address): Route => routes.lookup(address);
    const connected = connectedAddresses();
    const isConnected = (address: Address): boolean => connected.has(formatAddress(address));
    const { sources, remarks } = chooseSources(wishes, { wayTo, isConnected });
    const ways = sources.map((source) => [source, wayTo(source)] as const);
    return { remarks, ways, chosen: chooseGuise(ways, routes.interfaces()) };
  } finally {
    routes.close();
  }
}

/** The addresses with which TCP connections are open, as text. */
function connectedAddresses(): ReadonlySet<string> {
  const netlink = new Netlink("sock-diag");
  try {
    const sockets = ([4, 6] as const).flatMap((family) => {
      const dump = dumpInetSockets(netlink, "tcp", family, "all");
      return dump.kind === "sockets" ? dump.sockets : [];
    });
    const open = sockets.filter(({ state }) => state !== "time-wait");
    return new Set(open.map(({ remote }) => formatAddress(unmapped(remote))));
  } finally {
    netlink.close();
  }
}

function limitsOf(
  { interfaceName, sources, mirrored }: SideNamespace,
  { remarks, ways, chosen: { models } }: Surroundings,
): readonly string[] {
  const isThere = ([source]: SourceWay): boolean => sources.includes(source);
  const guise = models.length === 0 ? "" : ` It has the addresses of ${models.join(" and ")}, for which it stands.`;
  return [
    `Packets come in by ${interfaceName} and not by the interface that others use: rules about interfaces (iif, iifname) ` +
      "are not met as they would be, and what is bound to a real interface (XDP, tc, ingress chains) does not see them. " +
      `Rules for what is forwarded, to containers, see ${interfaceName}, too.${guise}`,
    "No network lies between: nothing is known of the way itself, or of firewalls and address translation on it.",
    "Where address translation leads to another machine, that one is asked, and its answers come back only if its way to " +
      `${namesOf(sources)} leads through this machine.`,
    ...(ways.every(isThere) ? [] : [`IPv6 is not asked: this machine has no IPv6 on ${interfaceName}.`]),
    ...wayLimits(ways.filter(isThere), interfaceName),
    ...remarks,
    ...mirrored.map((setting) => `${interfaceName} has ${setting}.`),
  ];
}

/** A sentence for all sources that had the same way. */
function wayLimits(ways: readonly SourceWay[], interfaceName: string): readonly string[] {
  const groups = new Map<string, Address[]>();
  for (const [source, way] of ways) {
    const text = wayBeforeText(way);
    const group = groups.get(text);
    if (group === undefined) groups.set(text, [source]);
    else group.push(source);
  }
  return [...groups].map(
    ([text, some]) => `Until the end this machine reaches ${namesOf(some)} by ${interfaceName}; before, ${text}.`,
  );
}

function wayBeforeText({ kind, device, gateway }: Route): string {
  if (kind === "unreachable" || device === undefined) return "it had no way there";
  return `it was by ${device.name}${gateway === undefined ? "" : ` through ${formatAddress(gateway)}`}`;
}

function wayText({ isOwn, there, back }: WayThere, source: Address, interfaceName: string): string {
  const from = formatAddress(source);
  if (!isOwn) return "it is no address of this machine";
  if (there.kind !== "own") {
    const why = there.kind === "leaves" ? "a rule of the routing policy (ip rule)" : refusalText(there.errno);
    return `this machine takes no packet from ${from} to it by ${interfaceName}: ${why}`;
  }
  return back.kind === "leaves"
    ? `answers to ${from} would leave by another interface: a rule of the routing policy says so (ip rule)`
    : `this machine has no way from it to ${from}`;
}

/** The check of the source says EXDEV, and EINVAL on newer kernels (seen with Linux 6.18). */
function refusalText(errno: number): string {
  return errno === EXDEV || errno === EINVAL
    ? "rp_filter, since its way back is another one by a rule of the routing policy (ip rule)"
    : errnoName(errno);
}
