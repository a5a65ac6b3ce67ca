// The name of a finding, as reports show it and `postern policy accept` and postern.yaml take it: its stable key and where it was
// found, "open-not-intended@192.0.2.1/tcp/22".
import type { Address } from "../target/address.js";
import { type AddressBlock, formatBlock, singleBlock } from "../target/address-block.js";
import { type Fault, isFault, quote } from "../target/fault.js";
import { nearest } from "../target/nearest.js";
import { formatRanges, PORT_MAX, type PortRange, PROTOCOLS, type Protocol } from "../target/port-set.js";
import { parseHost } from "./host-text.js";

const KEY = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const KEY_CHARACTERS_MAX = 64;

/** Where something was found. */
export interface FindingPlace {
  /** An address or a network; or the name of a host, without regard to case. */
  readonly host: { readonly block: AddressBlock } | { readonly name: string };
  /** Undefined for the host as a whole. */
  readonly ports: { readonly protocol: Protocol; readonly range: PortRange } | undefined;
}

/** A kind of finding, and where. */
export interface FindingName {
  readonly key: string;
  readonly place: FindingPlace;
}

/** The name of a finding about one port of one address; without a port about the whole host. */
export function findingName(
  key: string,
  host: Address | string,
  port?: { readonly protocol: Protocol; readonly number: number },
): FindingName {
  const ports =
    port === undefined ? undefined : { protocol: port.protocol, range: [port.number, port.number] as const };
  return { key, place: { host: typeof host === "string" ? { name: host } : { block: singleBlock(host) }, ports } };
}

/** Reads "KEY@HOST", "KEY@HOST/PROTOCOL/PORT" or "KEY@HOST/PROTOCOL/FIRST-LAST", with a network for HOST, too. */
export function parseFindingName(text: string): FindingName | Fault {
  const [key = "", placeText, ...more] = text.split("@");
  if (placeText === undefined || more.length > 0) {
    return {
      fault: `${quote(text)} is no finding; write its key, @ and its place: open-not-intended@192.0.2.1/tcp/22`,
    };
  }
  if (!KEY.test(key) || key.length > KEY_CHARACTERS_MAX) {
    return { fault: `${quote(key)} is no key of a finding; keys are such as open-not-intended` };
  }
  const place = parsePlace(placeText);
  return isFault(place) ? place : { key, place };
}

/** As {@link parseFindingName} reads it. */
export function formatFindingName({ key, place: { host, ports } }: FindingName): string {
  const hostText = "name" in host ? host.name : formatBlock(host.block);
  const portText = ports === undefined ? "" : `/${ports.protocol}/${formatRanges([ports.range])}`;
  return `${key}@${hostText}${portText}`;
}

/** A network's own slash has a number behind it, a port's has a protocol. */
function parsePlace(text: string): FindingPlace | Fault {
  const [, hostText = "", protocolText, portText = ""] = /^(.*?)(?:\/([A-Za-z]+)\/([^/]*))?$/s.exec(text) ?? [];
  const host = parseHost(hostText);
  if (isFault(host)) return host;
  const where = "name" in host ? { name: host.name } : { block: host.block };
  if (protocolText === undefined) return { host: where, ports: undefined };
  const protocol = PROTOCOLS.find((name) => name === protocolText.toLowerCase());
  if (protocol === undefined) {
    const meant = nearest(protocolText.toLowerCase(), PROTOCOLS);
    const hint = meant === undefined ? `there are ${PROTOCOLS.join(", ")}` : `did you mean ${meant}?`;
    return { fault: `${quote(protocolText)} is no protocol; ${hint}` };
  }
  const [, first = -1, last = first] = (/^(\d{1,5})(?:-(\d{1,5}))?$/.exec(portText) ?? []).map((digits) =>
    digits === undefined ? undefined : Number(digits),
  );
  if (first < 0 || last > PORT_MAX || first > last) {
    return { fault: `${quote(portText)} is no port and no range of ports` };
  }
  return { host: where, ports: { protocol, range: [first, last] } };
}
