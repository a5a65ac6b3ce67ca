// Rules of address translation out of the text of iptables-save and ip6tables-save (iptables(8), iptables-extensions(8)).
import type { NatHook } from "../inside/published-port.js";
import type { PortRange } from "../target/port-set.js";
import { parseAddressRange } from "./address-range.js";
import { ANY_PACKET, bothMatch, type NatMatch, SOME_PACKETS } from "./nat-match.js";
import type { NatAction, NatRule, NatRuleset, NatTarget } from "./nat-rules.js";
import { parsePortRange } from "./port-range-text.js";

const TEXT_CHARACTERS_MAX = 400;
const BASES: readonly (readonly [chain: string, hook: NatHook])[] = [
  ["PREROUTING", "prerouting"],
  ["OUTPUT", "output"],
];

/** The table "nat" of a dump; other tables are passed over. */
export function readIptablesNat(text: string, family: 4 | 6): NatRuleset {
  const chains = new Map<string, NatRule[]>();
  let isNat = false;
  for (const line of text.split("\n")) {
    if (line.startsWith("*")) isNat = line.trim() === "*nat";
    if (!isNat) continue;
    const [chain, rule] = readLine(line, family);
    if (chain === undefined) continue;
    const rules = chains.get(chain) ?? [];
    if (rule !== undefined) rules.push(rule);
    chains.set(chain, rules);
  }
  const bases = BASES.filter(([chain]) => chains.has(chain)).map(([chain, hook]) => ({ chain, hook }));
  return { chains, bases };
}

function readLine(line: string, family: 4 | 6): readonly [chain: string | undefined, rule: NatRule | undefined] {
  const declared = /^:(\S+) /.exec(line)?.[1];
  if (declared !== undefined) return [declared, undefined];
  const words = wordsOf(line.replace(/^\[\d+:\d+\] /, "")); // counters of iptables-save -c
  const [command, chain, ...rest] = words;
  if (command !== "-A" || chain === undefined) return [undefined, undefined];
  return [chain, readRule(rest, family, line.trim().slice(0, TEXT_CHARACTERS_MAX))];
}

/** As a shell would split it: iptables-save quotes words with blanks, and escapes quotes in them. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(
    ([, quoted, plain]) => plain ?? (quoted ?? "").replace(/\\(.)/g, "$1"),
  );
}

/** A rule while its words are read. */
interface Draft {
  match: NatMatch | undefined;
  isShared: boolean;
  target: string | undefined;
  goto: string | undefined;
  to: string | undefined;
  toPorts: string | undefined;
}

/** What an option says, with its values; `isNot` where a "!" stands before it. */
type OptionReader = (draft: Draft, values: readonly string[], isNot: boolean) => void;

const OPTIONS: ReadonlyMap<string, OptionReader> = new Map<string, OptionReader>([
  ["-p", (draft, [protocol = ""], isNot) => narrow(draft, isNot ? SOME_PACKETS : ofProtocol(protocol))],
  ["-s", (draft, [source = ""], isNot) => narrow(draft, { ...ANY_PACKET, sources: [isNot ? `!${source}` : source] })],
  ["-d", (draft, [text = ""], isNot) => narrow(draft, isNot ? SOME_PACKETS : ofAddresses(text))],
  ["-i", (draft, [name = ""], isNot) => narrow(draft, { ...ANY_PACKET, inInterface: { name, isExcept: isNot } })],
  ["--dport", (draft, [text = ""], isNot) => narrow(draft, isNot ? SOME_PACKETS : ofPorts([text]))],
  ["--dports", (draft, [text = ""], isNot) => narrow(draft, isNot ? SOME_PACKETS : ofPorts(text.split(",")))],
  // Packets to an address of this machine: that is what is asked here.
  ["--dst-type", (draft, [type], isNot) => narrow(draft, type === "LOCAL" && !isNot ? ANY_PACKET : SOME_PACKETS)],
  // This table sees the first packet of a connection only, which is new.
  ["--ctstate", (draft, [states = ""], isNot) => narrow(draft, hasNew(states) && !isNot ? ANY_PACKET : SOME_PACKETS)],
  ["--state", (draft, [states = ""], isNot) => narrow(draft, hasNew(states) && !isNot ? ANY_PACKET : SOME_PACKETS)],
  ["--dst-range", (draft, [text = ""], isNot) => narrow(draft, isNot ? SOME_PACKETS : ofAddresses(text))],
  [
    "--src-range",
    (draft, [source = ""], isNot) => narrow(draft, { ...ANY_PACKET, sources: [isNot ? `!${source}` : source] }),
  ],
  ["--mode", share],
  ["--probability", () => {}],
  ["--every", () => {}],
  ["--packet", () => {}],
  ["--comment", () => {}],
  ["-m", (draft, [module = ""]) => narrow(draft, MODULES.has(module) ? ANY_PACKET : SOME_PACKETS)],
  ["-c", () => {}],
  ["-j", (draft, [target]) => setTarget(draft, target)],
  ["-g", (draft, [chain]) => setGoto(draft, chain)],
  ["--to-destination", (draft, [text]) => setTo(draft, text)],
  ["--to-ports", (draft, [text]) => setToPorts(draft, text)],
  ["--to", () => {}],
  ["--random", () => {}],
  ["--random-fully", () => {}],
  ["--persistent", () => {}],
]);

/** Extensions that match by the options above alone; others may match without any. */
const MODULES: ReadonlySet<string> = new Set(
  "tcp udp sctp dccp udplite comment addrtype multiport iprange conntrack state statistic".split(" "),
);

/** Targets of this table that decide nothing about where a packet goes. */
const PASSING: ReadonlySet<string> = new Set([
  "MARK",
  "CONNMARK",
  "LOG",
  "NFLOG",
  "ULOG",
  "TRACE",
  "SET",
  "CT",
  "TCPMSS",
  "",
]);
/** Targets after which nothing more is asked, and which do not change the destination. */
const STOPPING: ReadonlySet<string> = new Set(["ACCEPT", "SNAT", "MASQUERADE", "DROP"]);

/** undefined for a rule that decides nothing. */
function readRule(words: readonly string[], family: 4 | 6, text: string): NatRule | undefined {
  const draft: Draft = { match: { ...ANY_PACKET, family }, isShared: false, ...NO_TARGET };
  for (const { name, values, isNot } of optionsOf(words)) {
    const reader = draft.target === undefined ? (OPTIONS.get(name) ?? doubt) : OPTIONS.get(name);
    reader?.(draft, values, isNot); // unknown options of a target do not say which packets it gets
  }
  const { match, isShared } = draft;
  if (match === undefined) return undefined;
  const action = actionOf(draft);
  return action === undefined ? undefined : { match, isShared, action, text };
}

const NO_TARGET = { target: undefined, goto: undefined, to: undefined, toPorts: undefined };

function* optionsOf(words: readonly string[]): Generator<{
  readonly name: string;
  readonly values: readonly string[];
  readonly isNot: boolean;
}> {
  for (let at = 0; at < words.length; ) {
    const isNot = words[at] === "!";
    if (isNot) at += 1;
    const name = words[at] ?? "";
    const end = name === "--comment" ? at + 2 : endOfValues(words, at + 1); // a comment may look like an option
    yield { name, values: words.slice(at + 1, end), isNot };
    at = end;
  }
}

function endOfValues(words: readonly string[], from: number): number {
  let end = from;
  while (end < words.length && words[end] !== "!" && !(words[end] ?? "").startsWith("-")) end += 1;
  return end;
}

function actionOf({ target = "", goto, to, toPorts }: Draft): NatAction | undefined {
  if (goto !== undefined) return { kind: "goto", chain: goto };
  if (target === "DNAT") return destinationOf(to);
  if (target === "REDIRECT")
    return { kind: "translate", target: { kind: "own" }, ports: parsePortRange(toPorts ?? "") };
  if (target === "NETMAP") return { kind: "translate", target: { kind: "unknown" }, ports: undefined };
  if (target === "RETURN") return { kind: "return" };
  if (STOPPING.has(target)) return { kind: "stop" };
  if (PASSING.has(target)) return undefined;
  // Targets of extensions and chains look alike; a chain that is not there has no rules.
  return { kind: "jump", chain: target };
}

/** "10.0.0.2:80", "10.0.0.2-10.0.0.9:80-90", ":80", "[fd00::2]:80", "fd00::2". A "/PORT" behind ports is their base. */
function destinationOf(text: string | undefined): NatAction {
  const match = /^(?:\[([^\]]*)\]|([^[\]]*?))(?::(\d+(?:-\d+)?)(?:\/\d+)?)?$/.exec(text ?? "");
  const [, bracketed, plain = "", ports] = match ?? [];
  const isBareIpv6 = bracketed === undefined && plain.includes(":");
  const addresses = isBareIpv6 ? (text ?? "") : (bracketed ?? plain);
  return {
    kind: "translate",
    target: match === null && !isBareIpv6 ? { kind: "unknown" } : targetOf(addresses),
    ports: isBareIpv6 ? undefined : parsePortRange(ports ?? ""),
  };
}

function targetOf(text: string): NatTarget {
  if (text === "") return { kind: "same" };
  const address = parseAddressRange(text);
  return address === undefined ? { kind: "unknown" } : { kind: "address", address };
}

function narrow(draft: Draft, match: NatMatch): void {
  draft.match = draft.match === undefined ? undefined : bothMatch(draft.match, match);
}

function doubt(draft: Draft): void {
  narrow(draft, SOME_PACKETS);
}

function share(draft: Draft): void {
  draft.isShared = true;
}

function setTarget(draft: Draft, target: string | undefined): void {
  draft.target = target;
}

function setGoto(draft: Draft, chain: string | undefined): void {
  draft.target = "";
  draft.goto = chain;
}

function setTo(draft: Draft, text: string | undefined): void {
  draft.to = text;
}

function setToPorts(draft: Draft, text: string | undefined): void {
  draft.toPorts = text;
}

function hasNew(states: string): boolean {
  return states.split(",").includes("NEW");
}

function ofProtocol(name: string): NatMatch {
  return name === "all" ? ANY_PACKET : { ...ANY_PACKET, protocols: [name] };
}

function ofAddresses(text: string): NatMatch {
  const range = parseAddressRange(text);
  return range === undefined ? SOME_PACKETS : { ...ANY_PACKET, addresses: [range] };
}

function ofPorts(texts: readonly string[]): NatMatch {
  const ports = texts.map((text) => parsePortRange(text.replace(":", "-")));
  const known = ports.filter((range): range is PortRange => range !== undefined);
  return known.length < ports.length ? SOME_PACKETS : { ...ANY_PACKET, ports: known };
}
