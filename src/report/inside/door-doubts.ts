// Where the inside and the answers do not agree, in plain words: doors with the same disagreement share a line.
import type { AnsweredDoor, DoorAnswer, DoorOutcome } from "../../inside/door-answers.js";
import { REASONS } from "../../model/reason.js";
import { formatAddress } from "../../target/address.js";
import { doorProcess, isTrouble, placesText, portCell } from "./door-cells.js";
import type { CellContext } from "./socket-cells.js";

/** Outcomes that are explained, in the order of the lines. */
const TROUBLES: readonly DoorOutcome[] = ["closed", "rejected", "silent", "held"];
const DOORS_MAX = 6;

/** The lines; none where all is as it should be. */
export function doorDoubts(answered: readonly AnsweredDoor[], context: CellContext): readonly string[] {
  const heads = new Map<string, string[]>();
  for (const one of answered) {
    for (const text of doubtsOf(one)) heads.set(text, [...(heads.get(text) ?? []), headOf(one, context)]);
  }
  return [...heads].map(([text, doors]) => {
    const more = doors.length - DOORS_MAX;
    const shown = doors.slice(0, DOORS_MAX).join(", ");
    return `${shown}${more > 0 ? ` and ${more} more` : ""}: ${text}`;
  });
}

function headOf({ door }: AnsweredDoor, context: CellContext): string {
  const isHidden = door.sockets[0]?.ownership === "hidden";
  const process = isHidden ? "" : doorProcess(door, context);
  return process === "" ? portCell(door) : `${portCell(door)} ${process}`;
}

function doubtsOf({ door, awaited, unexpected }: AnsweredDoor): readonly string[] {
  const troubles = TROUBLES.filter((outcome) => isTrouble(door.protocol, outcome)).flatMap((outcome) => {
    const some = awaited.filter((one) => one.outcome === outcome);
    return some.length === 0 ? [] : [troubleText(outcome, some)];
  });
  if (unexpected.length === 0) return troubles;
  const bound = [...new Set(door.sockets.map(({ socket }) => formatAddress(socket.local)))].map((text) => ({ text }));
  const led = `listens on ${placesText(bound)} alone, but ${placesText(placesOf(unexpected))} answers, too`;
  return [...troubles, `${led}: address translation leads there`];
}

function troubleText(outcome: DoorOutcome, some: readonly DoorAnswer[]): string {
  const listens = `listens on ${placesText(placesOf(some))}, but`;
  const reason = some[0]?.result?.reason;
  const seen = reason === undefined ? "" : ` (${REASONS[reason]})`;
  switch (outcome) {
    case "closed":
      return `${listens} is refused there${seen}: by a firewall of this machine, or the program has just ended`;
    case "rejected":
      return `${listens} is refused there${seen}: by a firewall of this machine`;
    case "held":
      return `${listens} this machine's firewall lets no probe out to there`;
    default:
      return `${listens} nothing comes back: a firewall of this machine drops it, or the program is overrun`;
  }
}

function placesOf(answers: readonly DoorAnswer[]): readonly DoorAnswer["own"][] {
  return answers.map(({ own }) => own);
}
