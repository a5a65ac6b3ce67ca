// What `postern` alone says of a door, in words: who has it, from where it is reached, and what it answered.
import type { AnsweredDoor, DoorAnswer, DoorOutcome } from "../../inside/door-answers.js";
import type { Door } from "../../inside/doors.js";
import type { InsideSocket } from "../../inside/inside-view.js";
import type { OwnAddress } from "../../inside/open-at.js";
import { printable } from "../printable.js";
import {
  type CellContext,
  firstTexts,
  type ProcessTexts,
  processCell,
  reachCell,
  unitCell,
  userCell,
} from "./socket-cells.js";

/** "22/tcp". */
export function portCell({ port, protocol }: Door): string {
  return `${port}/${protocol}`;
}

/** "!" where other machines get there as far as addresses decide, "?" where that is not known. */
export function markCell({ reach: { kind } }: Door): string {
  if (kind === "unknown") return "?";
  return isReachedByOthers(kind) ? "!" : "";
}

/** True where other machines get there, as far as addresses decide. */
export function isReachedByOthers(kind: Door["reach"]["kind"]): boolean {
  return kind === "everywhere" || kind === "link";
}

/** "sshd[812]", "nginx[33] +2". */
export function doorProcess(door: Door, context: CellContext): string {
  return withSocket(door, context, processCell);
}

/** Who runs it. */
export function doorUser(door: Door, context: CellContext): string {
  return withSocket(door, context, userCell);
}

/** The unit of systemd, or the container. */
export function doorUnit(door: Door, context: CellContext): string {
  return withSocket(door, context, unitCell);
}

/** From where one of its sockets at least can be reached. */
export function doorReach(door: Door, context: CellContext): string {
  return withSocket(door, context, reachCell);
}

/** The cell of the door as if it were one socket. */
function withSocket(
  { sockets: [first], holders, reach }: Door,
  context: CellContext,
  cell: (one: InsideSocket, texts: ProcessTexts | undefined, context: CellContext) => string,
): string {
  if (first === undefined) return "";
  const one = { ...first, holders, reach };
  return cell(one, firstTexts(one, context), context);
}

const SHORT: Readonly<Record<DoorOutcome, string>> = {
  open: "yes",
  silent: "filtered",
  closed: "closed",
  rejected: "rejected",
  held: "filtered",
  unasked: "not asked",
};

/** "yes", "only on 127.0.0.1", "filtered on 192.0.2.2", "closed", "no answer (usual for UDP)", "not asked". */
export function answersCell({ door, awaited, unexpected }: AnsweredDoor): string {
  const more = unexpected.length === 0 ? "" : `, and on ${placesText(unexpected.map(({ own }) => own))}`;
  return `${awaitedText(door, awaited)}${more}`;
}

function awaitedText({ protocol }: Door, awaited: readonly DoorAnswer[]): string {
  const asked = awaited.filter(({ outcome }) => outcome !== "unasked");
  const open = asked.filter(({ outcome }) => outcome === "open");
  if (asked.length === 0) return SHORT.unasked;
  const troubled = asked.filter(({ outcome }) => isTrouble(protocol, outcome));
  const [worst] = troubled;
  if (worst === undefined) return open.length > 0 ? SHORT.open : `no answer (usual for ${protocol.toUpperCase()})`;
  const isEverywhere = troubled.length === asked.length;
  if (isEverywhere) return SHORT[worst.outcome];
  if (open.length > 0 && open.length < troubled.length) return `only on ${placesText(open.map(({ own }) => own))}`;
  return `${SHORT[worst.outcome]} on ${placesText(troubled.map(({ own }) => own))}`;
}

/** True for an outcome that does not fit a program that waits. Silence of UDP does: few programs answer what is not theirs. */
export function isTrouble(protocol: Door["protocol"], outcome: DoorOutcome): boolean {
  if (outcome === "silent") return protocol !== "udp";
  return outcome !== "open" && outcome !== "unasked";
}

/** "192.0.2.2", "192.0.2.2 and ::1", "192.0.2.2 and 3 more". */
export function placesText(places: readonly Pick<OwnAddress, "text">[]): string {
  const [first, second] = places.map(({ text }) => printable(text));
  if (first === undefined || second === undefined) return first ?? "";
  return places.length === 2 ? `${first} and ${second}` : `${first} and ${places.length - 1} more`;
}
