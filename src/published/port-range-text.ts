// Ports as rules and command lines write them: "80", "80-90".
import type { PortRange } from "../target/port-set.js";
import { PORT_MAX } from "../target/port-set.js";

/** Reads one port, or two with a dash between; undefined for anything else. */
export function parsePortRange(text: string): PortRange | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (match === null) return undefined;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  return first <= last && last <= PORT_MAX ? [first, last] : undefined;
}
