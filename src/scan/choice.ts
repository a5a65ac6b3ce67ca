// Which techniques a host gets, and why.
import { TECHNIQUES } from "../technique/list.js";
import type { Question } from "./host.js";
import type { Path } from "./network.js";
import type { ScanPlan } from "./plan.js";

/** The number of a technique within a run: its place in the list. */
export function numberOf(name: string): number {
  const number = TECHNIQUES.findIndex((technique) => technique.name === name);
  if (number < 0) throw new RangeError(`no technique is called ${name}`);
  return number;
}

const CONNECT_PORTS = [80, 443];

/** The technique that finds out a host's ports. */
export function portTechnique(plan: ScanPlan, path: Path): number {
  return numberOf(path.kind === "frames" && plan.technique !== "tcp-connect" ? "tcp-syn" : "tcp-connect");
}

/** What is asked to find out whether a host is up; nothing when that is known or shall not be asked. */
export function discoveryQuestions(plan: ScanPlan, path: Path): readonly Question[] {
  if (path.isOwn) return [];
  if (path.isNeighbour) return [{ technique: numberOf("arp"), port: 0 }]; // with -Pn, too: the link address is needed
  if (plan.ping === "none") return [];
  if (path.kind === "sockets") return CONNECT_PORTS.map((port) => ({ technique: numberOf("tcp-connect"), port }));
  return [
    { technique: numberOf("icmp-echo"), port: 0 },
    { technique: numberOf("tcp-syn"), port: 443 },
    { technique: numberOf("tcp-ack"), port: 80 },
    { technique: numberOf("icmp-timestamp"), port: 0 },
  ];
}
