// What is let in, for programs: one region a line. docs/firewall.md, "For programs".
import { protocolName } from "../../firewall/protocol-names.js";
import type { ReachAnswer, ReachRegion } from "../../firewall/reach/reach.js";
import { plainAddress } from "../../firewall/walk/walk-address.js";
import { formatAddress } from "../../target/address.js";
import { jsonText } from "../json-text.js";
import { portTexts, sourceTexts } from "./source-text.js";

/** The lines of all regions that reach a local socket: their union is the answer. */
export function reachLines({ local }: ReachAnswer): string {
  return local.flatMap((region) => regionLines(region, {})).join("");
}

/** The lines of what became open and what closed. */
export function reachChangeLines(opened: readonly ReachRegion[], closed: readonly ReachRegion[]): string {
  const lines = (regions: readonly ReachRegion[], change: string) =>
    regions.flatMap((region) => regionLines(region, { change, to: targetOf(region) }));
  return [...lines(opened, "opened"), ...lines(closed, "closed")].join("");
}

function targetOf({ to }: ReachRegion): object | undefined {
  return to === undefined ? undefined : { address: formatAddress(plainAddress(to.address)), port: to.port };
}

function regionLines({ protocol, family, sources, ports }: ReachRegion, more: object): readonly string[] {
  const proto = protocolName(protocol);
  const portValues = ports === undefined ? [null] : portTexts(ports).map(portValue);
  return sourceTexts(sources, family).flatMap((source) =>
    portValues.map((dport) => `${jsonText({ ...more, proto, src: sourceValue(source, family), dport })}\n`),
  );
}

/** A single port is a number. */
function portValue(text: string | undefined): string | number | null {
  if (text === undefined) return null;
  return text.includes("-") ? text : Number(text);
}

/** All addresses of one family are a network, so that the other family is not meant, too. */
function sourceValue(text: string | undefined, family: 4 | 6): string {
  return text ?? (family === 4 ? "0.0.0.0/0" : "::/0");
}
