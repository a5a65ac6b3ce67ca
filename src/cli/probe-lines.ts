// What `postern connect -z` says of each port: nc's own line, and behind it what nc does not tell.
import { EACCES, EPERM, errnoName } from "../linux/errno.js";
import type { IcmpError } from "../linux/error-queue.js";
import { REASONS } from "../model/reason.js";
import { countOf } from "../report/quantity.js";
import type { ProbeFinding, ProbeState } from "../talk/probe.js";
import { type Address, formatAddress, isSameHost } from "../target/address.js";
import { unreachableReason, unreachableReasonIpv6 } from "../technique/unreachable.js";

/** One probe, as far as its line needs it. */
export interface ProbedPort {
  readonly host: string;
  /** Shown behind the host when that is a name. */
  readonly isName: boolean;
  readonly address: Address;
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  /** Undefined for one without a name. */
  readonly service: string | undefined;
  readonly timeoutMs: number;
}

/** What nc says in place of a state: strerror(3) of the errno that the kernel gives. */
const NC_WORDS: ReadonlyMap<number, string> = new Map([
  [1, "Operation not permitted"],
  [13, "Permission denied"],
  [71, "Protocol error"],
  [92, "Protocol not available"],
  [99, "Cannot assign requested address"],
  [101, "Network is unreachable"],
  [104, "Connection reset by peer"],
  [110, "Connection timed out"],
  [111, "Connection refused"],
  [113, "No route to host"],
]);

/**
 * The line for one finding, without a line feed. `own`: addresses of this machine, whose kernel answers in the place of
 * a neighbour that is not there. `isDetailed` adds round trip and own end.
 */
export function probeLine(
  probed: ProbedPort,
  finding: ProbeFinding,
  own: readonly Address[],
  isDetailed: boolean,
): string {
  const { host, isName, address, port, protocol, service } = probed;
  const shown = isName ? `${host} (${formatAddress(address)})` : host;
  const why = reasonOf(probed, finding, own);
  const details = isDetailed ? detailsOf(finding) : "";
  if (finding.state === "open") {
    const line = `Connection to ${shown} ${port} port [${protocol}/${service ?? "*"}] succeeded!`;
    return `${line}${why === "" ? "" : ` ${why}`}${details}`;
  }
  return `connect to ${shown} port ${port} (${protocol}) ${failureOf(finding)}; ${why}${details}`;
}

function failureOf({ state, errno }: ProbeFinding): string {
  if (state === "timed out") return "timed out";
  const words = NC_WORDS.get(errno);
  return words === undefined ? "failed" : `failed: ${words}`;
}

/** Where a state is called otherwise than its name: a silent TCP port is filtered, a UDP port behind an ICMP error, too. */
const WORDS: Readonly<Record<"tcp" | "udp", Readonly<Partial<Record<ProbeState, string>>>>> = {
  tcp: { closed: "refused", "timed out": "filtered" },
  udp: { unreachable: "filtered" },
};

/** The state, and what was seen that led to it. Empty for an open TCP port: nc's line says all. */
function reasonOf(
  { address, protocol, timeoutMs }: ProbedPort,
  finding: ProbeFinding,
  own: readonly Address[],
): string {
  const { state, errno, icmp, answer } = finding;
  const word = WORDS[protocol][state] ?? state;
  if (icmp !== undefined) {
    const isLocal =
      icmp.from !== undefined &&
      !isSameHost(icmp.from, address) &&
      own.some((one) => isSameHost(one, icmp.from ?? address));
    return isLocal ? "unreachable: nobody answers at this address on the link" : `${word}: ${icmpWords(icmp, address)}`;
  }
  switch (state) {
    case "open":
      return answer === undefined ? "" : `open: ${countOf(answer.byteCount, "byte")} came back`;
    case "closed":
      return "refused: a RST in the host's name";
    case "timed out":
    case "no answer":
      return `${word}: nothing came back within ${timeoutMs / 1000} s`;
    case "no route":
      return "no route: this machine has no way to the address";
    default:
      return errno === EPERM || errno === EACCES
        ? "not sent: this machine's own rules forbid it"
        : `not sent: ${errnoName(errno)}`;
  }
}

/** Which ICMP error, and from whom. */
function icmpWords({ family, type, code, from }: IcmpError, host: Address): string {
  const reason = family === 4 ? unreachableReason(type, code) : unreachableReasonIpv6(type, code);
  const what = reason === undefined ? "an error" : REASONS[reason].replace(/^ICMP(?:v6)?: /, "");
  const name = family === 4 ? "ICMP" : "ICMPv6";
  const who = from === undefined ? "somebody" : isSameHost(from, host) ? "the host itself" : formatAddress(from);
  return `${name} ${what} (type ${type}, code ${code}) from ${who}`;
}

function detailsOf({ roundTripMs, local, answer }: ProbeFinding): string {
  const parts = [
    roundTripMs === undefined ? undefined : `${roundTripMs.toFixed(1)} ms`,
    local === undefined ? undefined : `from ${formatAddress(local.address)} port ${local.port}`,
    answer === undefined ? undefined : `answered from port ${answer.port}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}
