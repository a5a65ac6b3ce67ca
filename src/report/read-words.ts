// The words of nmap's and masscan's reports as ours: states, reasons, protocols, kinds of scan. What is not known becomes
// what claims least, and a notice says so. nmap reference guide; masscan's manual; reports of nmap 7.93 and masscan 1.3.2.
import { SOCKETS_TECHNIQUE } from "../model/owner-event.js";
import { PORT_STATES, type PortState } from "../model/port-state.js";
import { REASONS, type Reason } from "../model/reason.js";
import type { HostEnd, HostMark, Protocol } from "../model/scan-event.js";
import { quote } from "../target/fault.js";
import { PROTOCOLS } from "../target/port-set.js";
import type { NoticeTaker } from "./read-notices.js";

const STATES: ReadonlySet<string> = new Set(PORT_STATES);
const PROTOCOL_NAMES: ReadonlySet<string> = new Set(PROTOCOLS);

/** An object that has all of them, so that one that is new cannot be forgotten here. */
const MARKS: Readonly<Record<HostMark["code"], HostMark["code"]>> = {
  "answers-everything": "answers-everything",
  "reset-by-other": "reset-by-other",
  "resets-differ": "resets-differ",
  rationed: "rationed",
};

/** What a mark of a host can say. */
export const MARK_CODES: readonly HostMark["code"][] = Object.values(MARKS);

const ENDS: Readonly<Record<HostEnd, HostEnd>> = {
  done: "done",
  stopped: "stopped",
  "host-timeout": "host-timeout",
  skipped: "skipped",
};

/** Why a host's scan can have ended. */
export const HOST_ENDS: readonly HostEnd[] = Object.values(ENDS);

/** True for a state's name. */
function isState(word: string): word is PortState {
  return STATES.has(word);
}

/** True for a reason's name. */
export function isReason(word: string): word is Reason {
  return Object.hasOwn(REASONS, word);
}

/** True for a protocol's name. */
export function isProtocol(word: string | undefined): word is Protocol {
  return word !== undefined && PROTOCOL_NAMES.has(word);
}

/** The state, by nmap's name; what is no state may be anything, and "open|filtered" keeps it in view. */
export function readState(word: string, taker: NoticeTaker): PortState {
  if (isState(word)) return word;
  taker.notice("unknown-word", `a port's state ${quote(word)}: taken as open|filtered`);
  return "open|filtered";
}

/** The reason, by nmap's name; older nmaps have the plural where they count ports. */
export function readReason(word: string | undefined, taker: NoticeTaker): Reason {
  if (word === undefined || word === "") return "not-recorded";
  const singular = [word, word.replace(/s$/, ""), word.replace(/es$/, "")].find(isReason);
  if (singular !== undefined) return singular;
  taker.notice("unknown-word", `a reason ${quote(word)}: taken as unknown-response`);
  return "unknown-response";
}

/** masscan names the flags of the segment that came back, and for other protocols that something did. */
export function readMasscanReason(word: string | undefined, protocol: Protocol, taker: NoticeTaker): Reason {
  if (word === undefined) return "not-recorded";
  const flags = new Set(word.split("-"));
  if (flags.has("rst")) return "reset";
  if (flags.has("syn") && flags.has("ack")) return "syn-ack";
  if (word === "" || word === "none" || word === "response") {
    return protocol === "udp" ? "udp-response" : "unknown-response";
  }
  return readReason(word, taker);
}

const TECHNIQUES: ReadonlyMap<string | undefined, string> = new Map([
  ["syn", "tcp-syn"],
  ["connect", "tcp-connect"],
  ["ack", "tcp-ack"],
  ["window", "tcp-window"],
  ["maimon", "tcp-maimon"],
  ["fin", "tcp-fin"],
  ["null", "tcp-null"],
  ["xmas", "tcp-xmas"],
  ["udp", "udp"],
  ["sctpinit", "sctp-init"],
  ["sctpcookieecho", "sctp-cookie-echo"],
  ["ipproto", "ip-protocol"],
]);

/** What a technique is called that the report does not name. */
export const UNKNOWN_TECHNIQUE = "unknown";

/** How many probes a port has had at least: none where the host itself was asked. */
export function leastTries(technique: string): 0 | 1 {
  return technique === SOCKETS_TECHNIQUE ? 0 : 1;
}

/** The technique by nmap's name for the kind of scan; kinds that postern does not have keep nmap's name: "bounce". */
export function readTechnique(type: string | undefined): string {
  const name = TECHNIQUES.get(type) ?? type ?? "";
  return /^[a-z][\w-]{0,31}$/.test(name) ? name : UNKNOWN_TECHNIQUE;
}
