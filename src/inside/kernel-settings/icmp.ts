// Settings about ICMP: what is answered, how often, and what errors tell.
import { atLeast, between, carefulText, hasBits, oneOf } from "../careful-value.js";
import { IP_SYSCTL, type KernelSetting } from "../kernel-setting.js";

/** Destination unreachable (3), time exceeded (11), parameter problem (12). */
const ERROR_TYPES = (1 << 3) | (1 << 11) | (1 << 12);

const FLOOD =
  "Errors without a ration let one host make this machine send as many packets as it likes, to a forged address, too; " +
  "and UDP ports can be scanned at any speed.";
const EXTENSION = "Errors carry the name, number and address of the interface by which a packet came (RFC 5837).";

/** ICMP and ICMPv6. */
export const ICMP_SETTINGS: readonly KernelSetting[] = [
  {
    path: "net/ipv4/icmp_echo_ignore_broadcasts",
    careful: oneOf(1),
    otherwise: "loose",
    why: "Answers pings to broadcast addresses: one forged packet brings an answer of every host that does (smurf).",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv6/icmp/echo_ignore_multicast",
    careful: oneOf(1),
    otherwise: "depends",
    why: "One ping to ff02::1 lists all hosts of a link that answer. That is useful to find hosts, and not to administrators alone.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv4/icmp_echo_ignore_all",
    careful: oneOf(0, 1),
    otherwise: "depends",
    why: "1 leaves pings unanswered. It hides nothing from a scan of ports, and makes faults harder to find.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv6/icmp/echo_ignore_all",
    careful: oneOf(0, 1),
    otherwise: "depends",
    why: "1 leaves pings unanswered. It hides nothing from a scan of ports, and makes faults harder to find.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv4/icmp_echo_enable_probe",
    careful: oneOf(0),
    otherwise: "loose",
    why: "Answers questions about the state of its interfaces, by name or address, to anybody (RFC 8335).",
    source: `${IP_SYSCTL}; RFC 8335`,
  },
  {
    path: "net/ipv4/icmp_ratelimit",
    careful: atLeast(1, 1000),
    otherwise: "loose",
    why: `Milliseconds between two errors to one host; 0 is no ration. ${FLOOD}`,
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv4/icmp_ratemask",
    careful: hasBits(ERROR_TYPES, "with bits 3, 11 and 12", 6168),
    otherwise: "loose",
    why: `The kinds of errors that have a ration; unreachable, time exceeded and parameter problem should. ${FLOOD}`,
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv4/icmp_msgs_per_sec",
    careful: between(1, 10_000),
    otherwise: "depends",
    why: "Errors a second to all hosts together; with 0 there are none. Without a bound, answers to forged sources can be many.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv4/icmp_msgs_burst",
    careful: between(1, 10_000),
    otherwise: "depends",
    why: "How many errors may leave at once, whoever they go to. Kernels before 5.10 let it be counted, and so ports be found (SAD DNS, CVE-2020-25705).",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv6/icmp/ratelimit",
    careful: atLeast(1, 1000),
    otherwise: "loose",
    why: `Milliseconds between two errors to one host; 0 is no ration. ${FLOOD}`,
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv6/icmp/ratemask",
    careful: carefulText("0-1,3-127", "0-1,3-127", coversErrors),
    otherwise: "loose",
    why: `The kinds of messages that have a ration; all errors should but "packet too big" (2), which paths need. ${FLOOD}`,
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv4/icmp_errors_use_inbound_ifaddr",
    careful: oneOf(0),
    otherwise: "depends",
    why: "Errors carry the address of the interface by which a packet came, and so show where it went. Routers may want that.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv4/icmp_errors_extension_mask",
    careful: oneOf(0),
    otherwise: "depends",
    why: EXTENSION,
    source: `${IP_SYSCTL}; RFC 5837`,
  },
  {
    path: "net/ipv6/icmp/errors_extension_mask",
    careful: oneOf(0),
    otherwise: "depends",
    why: EXTENSION,
    source: `${IP_SYSCTL}; RFC 5837`,
  },
  {
    path: "net/ipv4/icmp_ignore_bogus_error_responses",
    careful: oneOf(1),
    otherwise: "depends",
    why: "Whoever answers broadcasts with errors fills the log of this machine.",
    source: IP_SYSCTL,
  },
];

/** Types 1, 3 and 4: unreachable, time exceeded, parameter problem. The text is a list of numbers and ranges. */
function coversErrors(text: string): boolean {
  const ranges = text.split(",").map((part) => part.split("-").map(Number));
  return [1, 3, 4].every((type) => ranges.some(([first = -1, last = first]) => first <= type && type <= last));
}
