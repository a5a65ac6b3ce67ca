// Settings about packets whose addresses are not what they should be.
import { atMost, oneOf } from "../careful-value.js";
import { IP_SYSCTL, type KernelSetting } from "../kernel-setting.js";

/** Forged sources, foreign loopback addresses, routes that the sender chooses. */
export const SPOOFING_SETTINGS: readonly KernelSetting[] = [
  {
    path: "net/ipv4/conf/IFACE/rp_filter",
    combination: "max",
    careful: oneOf(1),
    tolerable: oneOf(2),
    otherwise: "loose",
    why:
      "Without the check, packets come in whose source lies behind another interface: a forged address passes rules that " +
      "trust it. 1 asks for the same interface; 2 only for any route back, for machines whose ways there and back differ. " +
      "IPv6 has no such setting: there the firewall must check (nft `fib`).",
    source: `${IP_SYSCTL}; RFC 3704`,
  },
  {
    path: "net/ipv4/conf/IFACE/accept_local",
    combination: "or",
    careful: oneOf(0),
    otherwise: "depends",
    why: "Takes packets from outside that carry this machine's own address as source. Load balancers with a loop need it.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv4/conf/IFACE/route_localnet",
    combination: "or",
    careful: oneOf(0),
    otherwise: "loose",
    why:
      "Packets from the link to 127.0.0.0/8 are taken as they are: neighbours reach services that listen on loopback " +
      "only, unless the firewall stops them. kube-proxy and container engines set it for published ports (CVE-2020-8558).",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv4/conf/IFACE/accept_source_route",
    combination: "and",
    careful: oneOf(0),
    otherwise: "loose",
    why: "The sender of a packet decides its way, and so gets around filters and gets answers for a forged source.",
    source: `${IP_SYSCTL}; RFC 7126 §4.3, §4.4`,
  },
  {
    path: "net/ipv6/conf/IFACE/accept_source_route",
    combination: "min",
    careful: atMost(0),
    otherwise: "depends",
    why:
      "Negative takes no routing header at all; 0 only type 2, which Mobile IPv6 needs. More than 0 asks for type 0, which " +
      "RFC 5095 forbids and only kernels of long ago would take.",
    source: `${IP_SYSCTL}; net/ipv6/exthdrs.c`,
  },
  {
    path: "net/ipv6/conf/IFACE/seg6_enabled",
    combination: "min",
    careful: oneOf(0),
    otherwise: "depends",
    why: "Takes segment routing headers: the sender decides a packet's further way. Only nodes inside of an SRv6 domain need it.",
    source: "Documentation/networking/seg6-sysctl.rst",
  },
  {
    path: "net/ipv6/conf/IFACE/seg6_require_hmac",
    combination: "own",
    careful: oneOf(1),
    otherwise: "loose",
    needs: {
      words: "segment routing headers are taken here",
      holds: ({ numberHere }) => numberHere("seg6_enabled") !== 0,
    },
    why: "Only 1 refuses segment routing headers that nobody has signed; 0 refuses wrong signatures, -1 nothing.",
    source: "Documentation/networking/seg6-sysctl.rst",
  },
  {
    path: "net/ipv6/conf/IFACE/rpl_seg_enabled",
    combination: "min",
    careful: oneOf(0),
    otherwise: "depends",
    why: "Takes the source routes of RPL, the routing of sensor networks. No other machine needs them.",
    source: "net/ipv6/exthdrs.c, ipv6_rpl_srh_rcv()",
  },
  {
    path: "net/ipv6/conf/IFACE/ioam6_enabled",
    combination: "own",
    careful: oneOf(0),
    otherwise: "depends",
    why: "Writes this node's number, interfaces and times into packets that ask for it. Only nodes of an IOAM domain need it.",
    source: "Documentation/networking/ioam6-sysctl.rst",
  },
  {
    path: "net/mpls/conf/IFACE/input",
    combination: "own",
    careful: oneOf(0),
    otherwise: "depends",
    why: "Takes packets with MPLS labels from this link and switches them past IP's checks. Only MPLS routers need it.",
    source: "Documentation/networking/mpls-sysctl.rst",
  },
  {
    path: "net/ipv4/conf/IFACE/disable_policy",
    combination: "or",
    careful: oneOf(0),
    otherwise: "depends",
    why: "IPsec policies are not asked about packets that come in here: plain ones pass where only encrypted ones should.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv4/conf/IFACE/log_martians",
    combination: "or",
    careful: oneOf(1),
    otherwise: "depends",
    why: "Packets with impossible addresses are dropped without a word in the log. The log helps to see who tries; it is rationed.",
    source: IP_SYSCTL,
  },
];
