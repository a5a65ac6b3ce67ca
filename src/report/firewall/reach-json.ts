// What is let in, for programs: one region a line. docs/firewall.md, "For programs".
import { protocolName } from "../../firewall/protocol-names.js";
import type { ReachAnswer, ReachRegion } from "../../firewall/reach/reach.js";
import { plainAddress } from "../../firewall/walk/walk-address.js";
import { formatAddress } from "../../target/address.js";
import { jsonText } from "../json-text.js";
import { portTexts, sourceText } from "./source-text.js";

/** The lines of all regions that reach a local socket, in pieces: their union is the answer. */
export function reachLines({ local }: ReachAnswer): Iterable<string> {
  return inPieces(local, () => ({}));
}

/** The lines of what became open and what closed, in pieces. */
export function* reachChangeLines(opened: readonly ReachRegion[], closed: readonly ReachRegion[]): Iterable<string> {
  yield* inPieces(opened, ({ to }) => ({ change: "opened", to: targetOf(to) }));
  yield* inPieces(closed, ({ to }) => ({ change: "closed", to: targetOf(to) }));
}

function targetOf(to: ReachRegion["to"]): object | undefined {
  return to === undefined ? undefined : { address: formatAddress(plainAddress(to.address)), port: to.port };
}

/** Thousands of ports, each from thousands of networks, are millions of lines: they need not be one text. */
const PIECE_CHARACTERS = 1 << 16;

function* inPieces(regions: readonly ReachRegion[], more: (region: ReachRegion) => object): Iterable<string> {
  let piece = "";
  for (const region of regions) {
    for (const line of regionLines(region, more(region))) {
      piece += line;
      if (piece.length < PIECE_CHARACTERS) continue;
      yield piece;
      piece = "";
    }
  }
  yield piece;
}

function* regionLines({ protocol, family, sources, ports }: ReachRegion, more: object): Iterable<string> {
  const proto = protocolName(protocol);
  const portValues = ports === undefined ? [null] : portTexts(ports).map(portValue);
  for (const interval of sources.intervals()) {
    const src = sourceText(interval, family) ?? ALL[family];
    for (const dport of portValues) yield `${jsonText({ ...more, proto, src, dport })}\n`;
  }
}

/** A single port is a number. */
function portValue(text: string | undefined): string | number | null {
  if (text === undefined) return null;
  return text.includes("-") ? text : Number(text);
}

/** All addresses of one family are a network, so that the other family is not meant, too. */
const ALL: Readonly<Record<4 | 6, string>> = { 4: "0.0.0.0/0", 6: "::/0" };
