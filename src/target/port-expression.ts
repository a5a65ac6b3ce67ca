// Ports as the user writes them: the grammar of nmap's -p (nmap reference guide, "Port specification and scan order").
import { type Fault, isFault, quote } from "./fault.js";
import { IP_PROTOCOL_MAX, PORT_MAX, type PortRange, PortSet, PROTOCOLS, type Protocol } from "./port-set.js";
import type { ServiceNames } from "./service-names.js";

type Ranges = Readonly<Record<Protocol, PortRange[]>>;

/** An element of the list; in brackets it asks for ports with a name only. */
interface Element {
  /** The letter of `T:` before it, if there is one. */
  readonly letter: string | undefined;
  readonly text: string;
  readonly isBracketed: boolean;
}

const LETTERS: Readonly<Record<string, Protocol>> = { T: "tcp", U: "udp", S: "sctp", P: "ip" };

/**
 * Reads a list of ports, ranges, service names and patterns. Ports behind `T:`, `U:` or `S:` are that protocol's, numbers
 * behind `P:` are IP protocols; those before any letter are ports of all `plainProtocols`.
 */
export function parsePorts(
  text: string,
  names: ServiceNames,
  plainProtocols: readonly Protocol[] = PROTOCOLS,
): PortSet | Fault {
  const elements = splitElements(text);
  if (isFault(elements)) return elements;
  const ranges: Ranges = { tcp: [], udp: [], sctp: [], ip: [] };
  let protocols = plainProtocols;
  for (const element of elements) {
    if (element.letter !== undefined) {
      const switched = protocolsOf(element.letter);
      if (isFault(switched)) return switched;
      protocols = switched;
    }
    const added = readElement(element, protocols, names, text);
    if (isFault(added)) return added;
    for (const protocol of PROTOCOLS) ranges[protocol].push(...added[protocol]);
  }
  return PortSet.of(ranges);
}

/** The protocols whose letter stands in a list of ports. */
export function lettersOf(text: string): ReadonlySet<Protocol> {
  const letters = [...text.matchAll(/(?:^|,)\s*([A-Za-z]):/g)].map(([, letter = ""]) => LETTERS[letter.toUpperCase()]);
  return new Set(letters.filter((protocol) => protocol !== undefined));
}

/** Splits at commas; brackets go to the elements inside of them. */
function splitElements(text: string): Element[] | Fault {
  if (text.trim() === "") return { fault: "no ports were named: write for example 22,80 or 1-1024" };
  const elements: Element[] = [];
  let isBracketed = false;
  for (const part of text.split(",")) {
    const [, letter, rest = ""] = /^\s*(?:([A-Za-z]):)?(.*)$/s.exec(part) ?? [];
    const [, open, inner = "", close] = /^\s*(\[?)(.*?)(\]?)\s*$/s.exec(rest) ?? [];
    const complaint = bracketComplaint(isBracketed, letter, open === "[", close === "]");
    if (complaint !== undefined) return { fault: `${quote(text)}: ${complaint}` };
    if (open === "[") isBracketed = true;
    elements.push({ letter, text: inner.trim(), isBracketed });
    if (close === "]") isBracketed = false;
  }
  return isBracketed ? { fault: `${quote(text)}: a [ without its ]` } : elements;
}

function bracketComplaint(
  isBracketed: boolean,
  letter: string | undefined,
  opens: boolean,
  closes: boolean,
): string | undefined {
  if (isBracketed && letter !== undefined) return `${letter}: stands before brackets, not in them`;
  if (isBracketed && opens) return "brackets do not nest";
  return closes && !opens && !isBracketed ? "a ] without its [" : undefined;
}

function protocolsOf(letter: string): readonly Protocol[] | Fault {
  const upper = letter.toUpperCase();
  const protocol = LETTERS[upper];
  return protocol === undefined ? { fault: `${quote(`${letter}:`)} is no protocol: use T:, U:, S: or P:` } : [protocol];
}

function readElement(
  element: Element,
  protocols: readonly Protocol[],
  names: ServiceNames,
  whole: string,
): Ranges | Fault {
  const { text, isBracketed } = element;
  if (text === "") return { fault: `${quote(whole)}: a port is missing beside a comma, letter or bracket` };
  if (/^\d*-?\d*$/.test(text)) {
    const range = readRange(text, protocols.length === 1 && protocols[0] === "ip");
    if (isFault(range)) return range;
    return eachProtocol(protocols, (protocol) => (isBracketed ? namedWithin(range, names, protocol) : [range]));
  }
  if (!/^[A-Za-z0-9_.+/*?-]+$/.test(text)) return { fault: `${quote(text)} is neither a port nor a service name` };
  const hasWildcard = /[*?]/.test(text);
  const found = eachProtocol(protocols, (protocol) =>
    toRanges(hasWildcard ? names.matching(text, protocol) : names.portsOf(text, protocol)),
  );
  return PROTOCOLS.some((protocol) => found[protocol].length > 0) ? found : unknownName(text, protocols, names);
}

/** Ranges that are open at one end leave out port 0, which is never meant; protocol 0 is one like the others. */
function readRange(text: string, isIp: boolean): PortRange | Fault {
  const max = isIp ? IP_PROTOCOL_MAX : PORT_MAX;
  const dash = text.indexOf("-");
  const from = dash < 0 ? text : text.slice(0, dash);
  const to = dash < 0 ? text : text.slice(dash + 1);
  const first = from === "" ? (isIp ? 0 : 1) : Number(from);
  const last = to === "" ? max : Number(to);
  const highest = Math.max(from === "" ? 0 : first, to === "" ? 0 : last);
  if (highest > max) return { fault: `${cutDigits(text)}: ${isIp ? "an IP protocol" : "a port"} is at most ${max}` };
  return first > last ? { fault: `${cutDigits(text)}: the range runs backwards` } : [first, last];
}

function cutDigits(text: string): string {
  return text.length > 24 ? `${text.slice(0, 24)}…` : text;
}

function eachProtocol(protocols: readonly Protocol[], make: (protocol: Protocol) => PortRange[]): Ranges {
  const of = (protocol: Protocol) => (protocols.includes(protocol) ? make(protocol) : []);
  return { tcp: of("tcp"), udp: of("udp"), sctp: of("sctp"), ip: of("ip") };
}

function toRanges(ports: readonly number[]): PortRange[] {
  return ports.map((port) => [port, port]);
}

function namedWithin([first, last]: PortRange, names: ServiceNames, protocol: Protocol): PortRange[] {
  return toRanges(names.namedPorts(protocol).filter((port) => port >= first && port <= last));
}

function unknownName(text: string, protocols: readonly Protocol[], names: ServiceNames): Fault {
  const what = protocols.length === 1 ? `${protocols[0]} service` : "service";
  if (/[*?]/.test(text)) return { fault: `no ${what} has a name like ${quote(text)}` };
  if (PROTOCOLS.some((protocol) => names.portsOf(text, protocol).length > 0)) {
    return { fault: `no ${what} is named ${quote(text)}, only one of another protocol` };
  }
  const meant = names.nearest(text);
  return { fault: `no ${what} is named ${quote(text)}${meant === undefined ? "" : `: did you mean ${meant}?`}` };
}
