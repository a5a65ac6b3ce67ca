// What to type next, chosen from what was found: a few command lines, and what each of them shows.
import type { AnsweredDoor } from "../../inside/door-answers.js";
import { isLoopback } from "../../inside/reach.js";
import { type Address, formatAddress } from "../../target/address.js";
import { Scope } from "../../target/scope.js";
import { isReachedByOthers, isTrouble } from "./door-cells.js";

/** What the choice depends on beside the doors. */
export interface NextFacts {
  /** True where root would see more. */
  readonly isRootMissed: boolean;
  /** The names of all commands: only what is there is proposed. */
  readonly commands: readonly string[];
}

/** A command line and what it shows. */
export type NextCommand = readonly [command: string, what: string];

const COMMANDS_MAX = 4;
const PORTS_MAX = 5;
/** Whoever connects to a printer must know that it prints what is typed. */
const PRINTER_PORTS: ReadonlySet<number> = new Set([515, 9100, 9101, 9102, 9103, 9104, 9105, 9106, 9107]);

/** The commands, the most useful first. */
export function nextCommands(answered: readonly AnsweredDoor[], facts: NextFacts): readonly NextCommand[] {
  const doubtful = answered.filter(isDoubtful);
  const outward = answered.filter(isOutward);
  const [first] = [...doubtful, ...outward, ...answered];
  const connect = connectLine([...doubtful, ...outward, ...answered]);
  const outside = outsideLine(outward);
  const found: NextCommand[] = [];
  if (facts.isRootMissed) found.push(["sudo postern", "with what only root may see and ask"]);
  if (first !== undefined) found.push([`postern sockets --port ${first.door.port}`, "its addresses and processes"]);
  if (doubtful.length + outward.length > 0) found.push(["postern firewall reach", "what the firewall lets in"]);
  if (outside !== undefined) found.push([outside, "on another machine: what gets through"]);
  if (connect !== undefined) found.push([connect, "talk to it"]);
  found.push(["postern kernel", "the network settings that matter to an attacker"]);
  return found.filter(([command]) => isThere(command, facts)).slice(0, COMMANDS_MAX);
}

function isThere(command: string, { commands }: NextFacts): boolean {
  const name = /^postern ([a-z]+)/.exec(command)?.[1];
  return name === undefined || commands.includes(name);
}

function isDoubtful({ door, awaited, unexpected }: AnsweredDoor): boolean {
  return unexpected.length > 0 || awaited.some(({ outcome }) => isTrouble(door.protocol, outcome));
}

function isOutward({ door }: AnsweredDoor): boolean {
  return isReachedByOthers(door.reach.kind);
}

/** To where it did not answer, or else to where it did. */
function connectLine(answered: readonly AnsweredDoor[]): string | undefined {
  const some = answered.filter(({ door }) => door.protocol === "tcp" && !PRINTER_PORTS.has(door.port));
  for (const { door, awaited, unexpected } of some) {
    const place =
      awaited.find(({ outcome }) => isTrouble("tcp", outcome)) ??
      unexpected[0] ??
      awaited.find(({ outcome }) => outcome === "open");
    if (place !== undefined) return `postern connect ${place.own.text} ${door.port}`;
  }
  return undefined;
}

/** A scan of one address with the ports that others reach there. */
function outsideLine(outwards: readonly AnsweredDoor[]): string | undefined {
  const outward = outwards.filter(({ door }) => door.protocol === "tcp");
  const address = outward.flatMap(({ door }) => door.awaited).find((own) => isPlain(own.address))?.address;
  if (address === undefined) return undefined;
  const text = formatAddress(address);
  const ports = outward
    .filter(({ door }) => door.awaited.some((own) => own.text === text))
    .map(({ door }) => door.port);
  const some = [...new Set(ports)].slice(0, PORTS_MAX).join(",");
  const isAllowed = Scope.of({ own: [], authorized: [] }).allows(address);
  return `postern -p ${some} ${isAllowed ? "" : `--authorized ${text} `}${text}`;
}

/** Means the same on every machine. */
function isPlain(address: Address): boolean {
  return !isLoopback(address) && !(address.family === 6 && address.zone !== undefined);
}
