// Tries what `postern firewall reach` says in the kernel: packets at each border of its regions and just outside, in both
// directions.

import { protocolName } from "../../src/firewall/protocol-names.js";
import type { IntervalSet, Value } from "../../src/firewall/reach/interval-set.js";
import { findReach, type ReachAnswer, type ReachRegion } from "../../src/firewall/reach/reach.js";
import type { Ruleset } from "../../src/firewall/ruleset.js";
import { plainAddress, type WalkAddress, walkAddress } from "../../src/firewall/walk/walk-address.js";
import { formatAddress, parseAddress } from "../../src/target/address.js";
import type { FirewallLab } from "../firewall-lab.js";
import { Chance } from "./chance.js";
import { FIREWALL_ENVIRONMENT } from "./environment.js";
import type { KernelAnswer, PacketJson } from "./kernel-answer.js";
import { OWN } from "./packet-draft.js";

/** What came of some rulesets. */
export interface ReachTally {
  rulesets: number;
  regions: number;
  packets: number;
  unknown: number;
  /** Packets that the kernel could not be asked about. */
  skipped: number;
  readonly ends: Map<string, number>;
  /** Packets that fare otherwise than the regions say, as texts. */
  readonly wrong: string[];
}

/** An empty tally. */
export function newReachTally(): ReachTally {
  return { rulesets: 0, regions: 0, packets: 0, unknown: 0, skipped: 0, ends: new Map(), wrong: [] };
}

interface Question {
  readonly inputInterface: string;
  readonly family: 4 | 6;
  readonly protocol: number;
  readonly destination: string;
}

const EPHEMERAL_PORT = 40_000;
const PORT_PROTOCOLS: ReadonlySet<number> = new Set([6, 17, 132]);

/** Asks for the regions of a ruleset that is loaded, and the kernel at their borders. */
export async function tryReach(
  lab: FirewallLab,
  name: string,
  ruleset: Ruleset,
  packetsMax: number,
  seed: number,
  tally: ReachTally,
): Promise<void> {
  const chance = new Chance(seed);
  const drafts = questionsOf(chance).flatMap((question) => {
    const answer = reachOf(ruleset, question);
    const regions = [...answer.local, ...answer.published, ...answer.unknown];
    tally.regions += regions.length;
    const points = bordersOf(regions, question.family, chance, Math.ceil(packetsMax / 4));
    return points.map(([source, port]) => ({
      question,
      source,
      port,
      expected: endOf(answer, source, port, question),
    }));
  });
  const rows = drafts.map((draft, id) => ({
    ...draft,
    packet: packetOf(draft.question, draft.source, draft.port, id),
  }));
  let wrong = rows;
  // Where the machine is busy a message may come too late: what differs is asked once more.
  for (let tries = 0; tries < 2 && wrong.length > 0; tries++) {
    const answers = await lab.ask(wrong.map(({ packet }) => packet));
    const seen = wrong.map((row, at) => ({ row, end: kernelEnd(answers[at]) }));
    if (tries === 0) count(tally, seen);
    wrong = seen.filter(({ row, end }) => isWrong(row.expected, end)).map(({ row }) => row);
    if (tries === 1) {
      for (const { row, end } of seen.filter((one) => isWrong(one.row.expected, one.end)))
        tally.wrong.push(`${name}: ${JSON.stringify(row.packet)}: reach ${row.expected}, kernel ${end}`);
    }
  }
  tally.rulesets++;
}

function isWrong(expected: string, end: string): boolean {
  return expected !== "unknown" && !end.startsWith("fault") && expected !== end;
}

function count(
  tally: ReachTally,
  seen: readonly { readonly row: { readonly expected: string }; readonly end: string }[],
): void {
  for (const { row, end } of seen) {
    tally.packets++;
    if (row.expected === "unknown") tally.unknown++;
    if (end.startsWith("fault")) tally.skipped++;
    const kind = end.split(" ")[0] ?? "";
    tally.ends.set(kind, (tally.ends.get(kind) ?? 0) + 1);
  }
}

/** For each family two protocols, over a link of chance. */
function questionsOf(chance: Chance): readonly Question[] {
  return ([4, 6] as const).flatMap((family) =>
    [6, chance.pick([17, 132, family === 4 ? 1 : 58])].map((protocol) => ({
      inputInterface: chance.pick(["eth0", "eth1", "docker0"]),
      family,
      protocol,
      destination: chance.pick(OWN[family]),
    })),
  );
}

function reachOf(ruleset: Ruleset, { inputInterface, protocol, destination }: Question): ReachAnswer {
  return findReach(
    ruleset,
    {
      inputInterface,
      destination: parseAddress(destination),
      sourcePort: EPHEMERAL_PORT,
      flags: ["syn"],
      track: "new",
      protocols: [protocol],
    },
    FIREWALL_ENVIRONMENT,
  );
}

/** Points where a region begins or ends, and just beyond. */
function bordersOf(
  regions: readonly ReachRegion[],
  family: 4 | 6,
  chance: Chance,
  max: number,
): readonly (readonly [Value, number])[] {
  const last = family === 4 ? 0xffff_ffff : (1n << 128n) - 1n;
  const sources = near(regions.map((region) => region.sources)).filter((one) => one >= 0 && one <= last);
  const ports = near(regions.flatMap((region) => region.ports ?? []))
    .map(Number)
    .filter((one) => one >= 0 && one <= 65_535);
  const someSource: Value = family === 4 ? 0x0909_0909 : (0x2001_0db8n << 96n) | 99n;
  const pairs = (sources.length === 0 ? [someSource] : sources).flatMap((source) =>
    (ports.length === 0 ? [22, 80] : ports).map((port) => [source, port] as const),
  );
  return chance.some(pairs, Math.min(max, pairs.length));
}

function near(sets: readonly IntervalSet[]): readonly Value[] {
  const ends = sets.flatMap((set) => set.intervals().flat());
  return [...new Set<Value>(ends.flatMap(around))];
}

function around(end: Value): readonly Value[] {
  return typeof end === "bigint" ? [end - 1n, end, end + 1n] : [end - 1, end, end + 1];
}

function packetOf(
  { inputInterface, protocol, destination }: Question,
  source: Value,
  port: number,
  id: number,
): PacketJson {
  const ports = PORT_PROTOCOLS.has(protocol) ? { sport: EPHEMERAL_PORT, dport: port } : {};
  const flags = protocol === 6 ? { flags: ["syn"] } : {};
  return {
    id: String(id),
    dir: "in",
    iif: inputInterface,
    src: formatAddress(plainAddress(source)),
    dst: destination,
    proto: protocolName(protocol),
    ...ports,
    ...flags,
  };
}

/** What the regions say of a packet: "local ADDRESS PORT", "forward ADDRESS PORT", "stopped" or "unknown". */
function endOf({ local, published, unknown }: ReachAnswer, source: Value, port: number, asked: Question): string {
  const holds = ({ sources, ports }: ReachRegion): boolean => sources.has(source) && ports?.has(port) !== false;
  if (unknown.some(holds)) return "unknown";
  const [own, other] = [local.find(holds), published.find(holds)];
  if (own !== undefined) return placeText("local", own, port, asked);
  return other === undefined ? "stopped" : placeText("forward", other, port, asked);
}

function placeText(where: string, { to, ports }: ReachRegion, port: number, { destination }: Question): string {
  const address: WalkAddress | undefined = to?.address ?? addressOf(destination);
  const text = address === undefined ? "" : formatAddress(plainAddress(address));
  return `${where} ${text} ${ports === undefined ? 0 : (to?.port ?? port)}`;
}

function addressOf(text: string): WalkAddress | undefined {
  const address = parseAddress(text);
  return address === undefined ? undefined : walkAddress(address);
}

function kernelEnd(answer: KernelAnswer | undefined): string {
  if (answer === undefined || answer.fault !== undefined) return `fault ${answer?.fault ?? "no answer"}`;
  if (answer.verdict !== "accept") return "stopped";
  const where = answer.where === "out" ? "forward" : "local";
  return `${where} ${answer.destination ?? ""} ${answer.destinationPort ?? 0}`;
}
