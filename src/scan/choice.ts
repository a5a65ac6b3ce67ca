// Which techniques a host gets, and why.
import { numberOf, TECHNIQUES } from "../technique/list.js";
import type { Question } from "./host.js";
import type { Path } from "./network.js";
import type { DiscoveryProbe, ScanPlan } from "./plan.js";

const CONNECT_PORTS = [80, 443];

/** What is asked beyond the link unless the plan says otherwise (nmap reference guide, Host Discovery). */
const DEFAULT_DISCOVERY: readonly DiscoveryProbe[] = [
  { technique: "icmp-echo", ports: [0] },
  { technique: "tcp-syn", ports: [443] },
  { technique: "tcp-ack", ports: [80] },
  { technique: "icmp-timestamp", ports: [0] },
];

/** What the hosts of one run get: the same lists for all that are reached in the same way, however many they are. */
export class Choices {
  private readonly plan: ScanPlan;
  private readonly techniques = new Map<Path["kind"], readonly number[]>();
  private readonly questions = new Map<string, readonly Question[]>();

  constructor(plan: ScanPlan) {
    this.plan = plan;
  }

  /** See {@link portTechniques}. */
  portTechniques(path: Path): readonly number[] {
    let found = this.techniques.get(path.kind);
    if (found === undefined) {
      found = portTechniques(this.plan, path);
      this.techniques.set(path.kind, found);
    }
    return found;
  }

  /** See {@link discoveryQuestions}. */
  discoveryQuestions(path: Path, family: 4 | 6): readonly Question[] {
    const key = path.isOwn ? "own" : path.isNeighbour ? `link ${family}` : `${path.kind} ${family}`;
    let found = this.questions.get(key);
    if (found === undefined) {
      found = discoveryQuestions(this.plan, path, family);
      this.questions.set(key, found);
    }
    return found;
  }
}

/** The techniques that find out a host's ports, by their numbers; those that the way to it cannot carry are left out. */
function portTechniques(plan: ScanPlan, path: Path): readonly number[] {
  const isRaw = path.kind === "frames";
  const names = plan.techniques.map((name) => (name === "tcp-auto" ? (isRaw ? "tcp-syn" : "tcp-connect") : name));
  return names.map(numberOf).filter((number) => isRaw || TECHNIQUES[number]?.kind === "socket");
}

/** What is asked to find out whether a host is up; nothing when that is known or shall not be asked. */
function discoveryQuestions(plan: ScanPlan, path: Path, family: 4 | 6): readonly Question[] {
  if (path.isOwn) return [];
  if (path.isNeighbour) {
    // With -Pn, too: the link address is needed.
    return [{ technique: numberOf(family === 4 ? "arp" : "neighbour-solicitation"), port: 0 }];
  }
  if (plan.ping === "none") return [];
  if (path.kind === "sockets") return connectQuestions(plan);
  return (plan.discovery ?? DEFAULT_DISCOVERY).flatMap(({ technique, ports }) => {
    const number = numberOf(technique);
    if (TECHNIQUES[number]?.families.includes(family) !== true) return [];
    return ports.map((port) => ({ technique: number, port }));
  });
}

/** The kernel can only connect: to the ports that SYNs would go to. */
function connectQuestions(plan: ScanPlan): readonly Question[] {
  const technique = numberOf("tcp-connect");
  const asked = plan.discovery?.filter((one) => one.technique === "tcp-syn" || one.technique === "tcp-connect");
  const ports = asked === undefined || asked.length === 0 ? CONNECT_PORTS : asked.flatMap((one) => one.ports);
  return [...new Set(ports)].map((port) => ({ technique, port }));
}

/** All techniques that frames of this run may answer, by their numbers, in the order in which they are asked. */
export function techniquesInUse(plan: ScanPlan): readonly number[] {
  const names = new Set<string>(["arp", "neighbour-solicitation"]);
  for (const name of plan.techniques) names.add(name === "tcp-auto" ? "tcp-syn" : name);
  if (plan.ping !== "none") for (const { technique } of plan.discovery ?? DEFAULT_DISCOVERY) names.add(technique);
  if (plan.isTraced) names.add("icmp-echo");
  return TECHNIQUES.flatMap((technique, number) =>
    technique.kind === "frame" && names.has(technique.name) ? [number] : [],
  );
}
