// What a host's rules make of the first packet from a vantage point, port by port.
import { RuleFinder } from "../firewall/find-rule.js";
import type { Decider, HostEnvironment, QuestionPacket, WalkAnswer } from "../firewall/packet-question.js";
import { findReach, type ReachAnswer } from "../firewall/reach/reach.js";
import type { Ruleset, Table } from "../firewall/ruleset.js";
import { PacketWalk } from "../firewall/walk/packet-walk.js";
import { walkAddress } from "../firewall/walk/walk-address.js";
import type { FirewallFact } from "../model/audit-report.js";
import { type Address, formatAddress, isSameHost } from "../target/address.js";
import type { AskedPort } from "../vantage/vantage.js";
import { endpointText } from "./case-words.js";
import type { RulesView } from "./port-case.js";
import { portKey } from "./port-key.js";

const PROTOCOL_NUMBERS = { tcp: 6, udp: 17 } as const;
const ASKED_PROTOCOLS: readonly number[] = Object.values(PROTOCOL_NUMBERS);
/** Linux takes the source ports of its own from there (ip_local_port_range). */
const EPHEMERAL_PORT = 40_000;
const TTL = 64;
/** A rule that lets in more ports than this in a row is about no single one: mosh's thousand, FTP's passive ones. */
const NAMED_PORTS_MAX = 16;
/** Where more than half of all ports get in, what lies between two that do not is named by nobody. */
const OPEN_PORTS_MAX = 32_768;

/** From where packets come, as rules see it. */
export interface Arrival {
  readonly source: Address;
  /** The interface that they come in by. */
  readonly inputInterface: string;
}

/** A host's rules, asked for packets from anywhere. */
export class RulesOfHost {
  readonly #ruleset: Ruleset;
  readonly #environment: HostEnvironment;
  readonly #walk: PacketWalk;
  readonly #withoutNat: PacketWalk;
  readonly #finder: RuleFinder;
  readonly #reaches = new Map<string, ReachAnswer>();

  constructor(ruleset: Ruleset, environment: HostEnvironment) {
    this.#ruleset = ruleset;
    this.#environment = environment;
    this.#walk = new PacketWalk(ruleset, environment);
    this.#withoutNat = new PacketWalk(withoutNat(ruleset), environment);
    this.#finder = new RuleFinder(ruleset);
  }

  /** What becomes of a first packet. */
  view(port: AskedPort, arrival: Arrival, named: NamedPorts): RulesView {
    const answer = this.#walk.answer(packetOf(port, arrival));
    const isTranslated = answer.isDestinationChanged;
    return {
      fact: this.#factOf(answer),
      isTranslated,
      isForwarded: answer.where === "forward",
      destination: answer.destination,
      untranslated: isTranslated ? this.#factOf(this.#withoutNat.answer(packetOf(port, arrival))) : undefined,
      isNamed: named.has(port),
    };
  }

  /** The ports of an address that rules let in by name, for packets that arrive so. */
  namedPorts(address: Address, arrival: Arrival): readonly AskedPort[] {
    const source = walkAddress(arrival.source);
    const reach = this.#reachOf(address, arrival.inputInterface);
    const regions = [...reach.local, ...reach.published].filter(({ sources }) => sources.has(source));
    return (["tcp", "udp"] as const).flatMap((protocol) => {
      const own = regions.filter((region) => region.protocol === PROTOCOL_NUMBERS[protocol]);
      const intervals = own.flatMap((region) => region.ports?.intervals() ?? []);
      const ranges = intervals.map(([low, high]) => [Number(low), Number(high)] as const);
      if (ranges.reduce((sum, [low, high]) => sum + high - low + 1, 0) > OPEN_PORTS_MAX) return [];
      return ranges.flatMap(([low, high]) => portsBetween(low, high)).map((port) => ({ address, protocol, port }));
    });
  }

  /** True where what comes for another port of the address is led to that one (nft's redirect, DNAT to the host itself). */
  isLedTo({ address, protocol, port }: AskedPort, { source, inputInterface }: Arrival): boolean {
    return this.#reachOf(address, inputInterface).local.some(
      (region) =>
        region.protocol === PROTOCOL_NUMBERS[protocol] &&
        region.to?.port === port &&
        region.sources.has(walkAddress(source)),
    );
  }

  #reachOf(address: Address, inputInterface: string): ReachAnswer {
    const key = `${formatAddress(address)} ${inputInterface}`;
    const known = this.#reaches.get(key);
    if (known !== undefined) return known;
    const question = {
      inputInterface,
      destination: address,
      sourcePort: undefined,
      protocols: ASKED_PROTOCOLS,
    } as const;
    const reach = findReach(this.#ruleset, { ...question, flags: ["syn"], track: "new" }, this.#environment);
    this.#reaches.set(key, reach);
    return reach;
  }

  #factOf(answer: WalkAnswer): FirewallFact {
    const { verdict, by, isDestinationChanged } = answer;
    const rule = by === undefined ? undefined : this.#finder.find(by);
    return {
      verdict,
      detail: verdict === "reject" ? answer.with : verdict === "accept" ? undefined : answer.why,
      rule: rule?.text ?? (by === undefined ? undefined : `policy ${by.verdict}`),
      place: by === undefined ? undefined : placeText(by, rule?.place),
      deliveredTo: isDestinationChanged
        ? endpointText(formatAddress(answer.destination), answer.destinationPort)
        : undefined,
    };
  }
}

/** Ports that rules let in by name. */
export class NamedPorts {
  readonly #keys = new Set<string>();

  constructor(ports: Iterable<AskedPort>) {
    for (const port of ports) this.#keys.add(portKey(port));
  }

  has(port: AskedPort): boolean {
    return this.#keys.has(portKey(port));
  }
}

/** A file's line where there is one: that is where its owner edits it. */
function placeText(
  { family, table, chain, index }: Decider,
  place: { readonly file?: string; readonly line?: number; readonly handle?: number } | undefined,
): string {
  const chainText = `${family} ${table} ${chain}`;
  if (index === "policy") return `${chainText}, its policy`;
  if (place?.handle !== undefined) return `${chainText}, handle ${place.handle}`;
  const line = place?.line === undefined || place.file === undefined ? "" : `, line ${place.line} of ${place.file}`;
  return `${chainText}, rule ${index}${line}`;
}

function packetOf({ address, protocol, port }: AskedPort, { source, inputInterface }: Arrival): QuestionPacket {
  return {
    id: "",
    direction: "in",
    inputInterface,
    source,
    destination: address,
    protocol: PROTOCOL_NUMBERS[protocol],
    sourcePort: EPHEMERAL_PORT,
    destinationPort: port,
    flags: protocol === "tcp" ? ["syn"] : [],
    icmpType: 0,
    icmpCode: 0,
    track: "new",
    trackDirection: "original",
    ttl: TTL,
    dscp: 0,
  };
}

/** The rules as if nothing were translated. */
function withoutNat(ruleset: Ruleset): Ruleset {
  const tables = ruleset.tables.map((table): Table => {
    const chains = [...table.chains].filter(([, { base }]) => base?.type !== "nat");
    return { ...table, chains: new Map(chains) };
  });
  return { ...ruleset, tables };
}

/** Each port of a narrow range; none of a wide one. */
function portsBetween(low: number, high: number): readonly number[] {
  if (high - low >= NAMED_PORTS_MAX) return [];
  return Array.from({ length: high - low + 1 }, (_, at) => low + at).filter((port) => port > 0);
}

/** How packets from an address arrive at a host: by the interface that its routes lead back by. */
export function arrivalFrom(source: Address, { interfaces, routes }: HostEnvironment): Arrival | undefined {
  const own = interfaces.flatMap(({ name, addresses }) =>
    addresses.map(({ address, prefix }) => ({ target: address, prefix, device: name })),
  );
  let best: { readonly prefix: number; readonly device: string } | undefined;
  for (const route of [...own, ...routes]) {
    if (!isWithin(source, route.target, route.prefix)) continue;
    if (best === undefined || route.prefix > best.prefix) best = route;
  }
  return best === undefined ? undefined : { source, inputInterface: best.device };
}

function isWithin(address: Address, network: Address, prefix: number): boolean {
  if (address.family !== network.family) return false;
  if (prefix === 0) return true;
  const width = address.family === 4 ? 32 : 128;
  const open = BigInt(width - prefix);
  return BigInt(walkAddress(address)) >> open === BigInt(walkAddress(network)) >> open || isSameHost(address, network);
}
