// The lines that our scripts write over there, and what they claim of a port. Whatever wrote them is not trusted: words of a
// fixed list and numbers within bounds are taken, everything else is no line.
import { EACCES, ECONNREFUSED, ECONNRESET, EHOSTUNREACH, ENETUNREACH, EPERM, ETIMEDOUT } from "../linux/errno.js";
import type { IcmpError } from "../linux/error-queue.js";
import type { PortState } from "../model/port-state.js";
import type { Reason } from "../model/reason.js";
import { type Address, isSameHost, parseAddress } from "../target/address.js";
import { tcpConnect } from "../technique/tcp-connect.js";
import { createAnswer, UNKNOWN_RESPONDER } from "../technique/technique.js";
import { unreachableReason, unreachableReasonIpv6 } from "../technique/unreachable.js";
import type { AskedPort, PortAnswer } from "./vantage.js";

/** How a probe may end, as scripts say it. */
const WORDS = [
  "open",
  "answer",
  "silent",
  "refused",
  "reset",
  "host-unreach",
  "net-unreach",
  "timed-out",
  "not-permitted",
  "prohibited",
  "no-route",
  "other",
] as const;
type ProbeWord = (typeof WORDS)[number];

/** What a script says of a port. */
export interface ProbeLine {
  /** Its number in the book. */
  readonly number: number;
  readonly word: ProbeWord;
  readonly rttMs: number | undefined;
  readonly tries: number;
  /** The ICMP error behind it, where the script could see it. */
  readonly icmp: IcmpError | undefined;
}

/** TAG a NUMBER WORD MICROSECONDS|- TRIES TYPE.CODE@ADDRESS|- */
const LINE = /^a (\d{1,7}) ([a-z-]{4,13}) (\d{1,9}|-) (\d{1,2}) (?:(\d{1,3})\.(\d{1,3})@([0-9a-f.:]{0,45})|-)$/;

/** Reads what stands behind the tag; undefined for what is no such line. */
export function parseProbeLine(text: string): ProbeLine | undefined {
  const match = LINE.exec(text);
  const word = WORDS.find((one) => one === match?.[2]);
  if (match === null || word === undefined) return undefined;
  const [, number, , rttUs, tries, type, code, from = ""] = match;
  const address = parseAddress(from);
  return {
    number: Number(number),
    word,
    rttMs: rttUs === "-" ? undefined : Number(rttUs) / 1000,
    tries: Number(tries),
    icmp: type === undefined ? undefined : { family: 4, type: Number(type), code: Number(code), from: address },
  };
}

/** As the kernel numbers them here; over there they may have other numbers. */
const ERRNOS: Readonly<Partial<Record<ProbeWord, number>>> = {
  open: 0,
  refused: ECONNREFUSED,
  reset: ECONNRESET,
  "host-unreach": EHOSTUNREACH,
  "net-unreach": ENETUNREACH,
  "timed-out": ETIMEDOUT,
  "not-permitted": EPERM,
  prohibited: EACCES,
};

/** What is claimed of the port, or why nothing is: a clause. */
export function answerOf(asked: AskedPort, line: ProbeLine): PortAnswer | string {
  if (line.word === "no-route") return "the vantage point has no route to it";
  const icmp = line.icmp === undefined ? undefined : { ...line.icmp, family: asked.address.family };
  const verdict = verdictOf(asked, line.word, icmp);
  if (verdict === undefined) return "the answer of the vantage point's system says nothing of the port";
  const { state, reason } = verdict;
  return {
    asked,
    state,
    reason,
    responder: otherThan(asked.address, verdict.from),
    rttMs: reason === "no-response" ? undefined : line.rttMs,
    tries: line.tries,
  };
}

interface Verdict {
  readonly state: PortState;
  readonly reason: Reason;
  readonly from?: Address | undefined;
}

function verdictOf(
  { protocol, address }: AskedPort,
  word: ProbeWord,
  icmp: IcmpError | undefined,
): Verdict | undefined {
  if (word === "prohibited" && icmp === undefined && address.family === 6) return PROHIBITED;
  return protocol === "tcp" ? tcpVerdict(word, icmp) : udpVerdict(word, icmp, address);
}

/** EACCES is what Linux makes of ICMPv6 errors that say so (tab_unreach in net/ipv6/icmp.c), and of none of ICMP's. */
const PROHIBITED: Verdict = { state: "filtered", reason: "admin-prohibited" };

function tcpVerdict(word: ProbeWord, icmp: IcmpError | undefined): Verdict | undefined {
  if (word === "silent") return { state: "filtered", reason: "no-response" };
  const errno = ERRNOS[word];
  const answer = createAnswer();
  if (errno === undefined || !tcpConnect.judge(errno, icmp, answer)) return undefined;
  const { outcome, reason, responder } = answer;
  return outcome === "up" || outcome === "down" ? undefined : { state: outcome, reason, from: responder };
}

const UDP_VERDICTS: Readonly<Partial<Record<ProbeWord, Verdict>>> = {
  answer: { state: "open", reason: "udp-response" },
  silent: { state: "open|filtered", reason: "no-response" },
  refused: { state: "closed", reason: "port-unreach" },
  "host-unreach": { state: "filtered", reason: "host-unreach" },
  "net-unreach": { state: "filtered", reason: "net-unreach" },
  "not-permitted": { state: "filtered", reason: "local-firewall" },
  prohibited: { state: "filtered", reason: "local-firewall" },
};

/** Only the host itself can say that nobody listens; from anybody else it is a filter's word. */
function udpVerdict(word: ProbeWord, icmp: IcmpError | undefined, target: Address): Verdict | undefined {
  if (icmp === undefined || word === "answer") return UDP_VERDICTS[word];
  const { family, type, code, from } = icmp;
  const reason = family === 4 ? unreachableReason(type, code) : unreachableReasonIpv6(type, code);
  if (reason === undefined) return UDP_VERDICTS[word];
  const isOwnWord = reason === "port-unreach" && otherThan(target, from) === undefined;
  return { state: isOwnWord ? "closed" : "filtered", reason, from };
}

function otherThan(target: Address, from: Address | undefined): Address | undefined {
  return from === undefined || from === UNKNOWN_RESPONDER || isSameHost(from, target) ? undefined : from;
}
