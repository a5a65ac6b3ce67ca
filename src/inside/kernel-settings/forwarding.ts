// Settings by which this machine carries packets of others.
import { carefulWhere, oneOf } from "../careful-value.js";
import { IP_SYSCTL, type KernelSetting } from "../kernel-setting.js";

const ROUTER =
  "A machine that forwards is a way into every network it has a leg in, for whoever can send it a packet. Routers, VPN " +
  "gateways and hosts of containers and virtual machines need it; then the forward chain of the firewall is a front door.";

/** Nobody but the daemon can set it. */
const NO_DAEMON = carefulWhere("0", undefined, ([value]) => value === 0);

/** Forwarding of packets, and answers in the name of others. */
export const FORWARDING_SETTINGS: readonly KernelSetting[] = [
  {
    path: "net/ipv4/ip_forward",
    careful: oneOf(0),
    otherwise: "depends",
    why: ROUTER,
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv6/conf/all/forwarding",
    careful: oneOf(0),
    otherwise: "depends",
    why: `${ROUTER} IPv6 is forwarded between all interfaces or none.`,
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv4/conf/IFACE/forwarding",
    combination: "own",
    careful: oneOf(0),
    otherwise: "depends",
    why: "What comes in here for an address elsewhere is sent on. Each interface that need not be a way should have it off.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv6/conf/IFACE/forwarding",
    combination: "own",
    careful: oneOf(0),
    otherwise: "depends",
    why: "The interface behaves as a router's: it takes no redirects, and router advertisements only with accept_ra=2.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv6/conf/IFACE/force_forwarding",
    combination: "own",
    careful: oneOf(0),
    otherwise: "depends",
    why: "Sends on what comes in here even where IPv6 forwarding as a whole is off (Linux 6.17 and later).",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv4/conf/IFACE/mc_forwarding",
    combination: "and",
    careful: NO_DAEMON,
    otherwise: "depends",
    why: "A multicast routing daemon runs and this interface is one of its ways: streams leave their link. Only daemons set it.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv6/conf/all/mc_forwarding",
    careful: NO_DAEMON,
    otherwise: "depends",
    why: "A multicast routing daemon runs: IPv6 streams leave their link. Only daemons set it.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv4/conf/IFACE/bc_forwarding",
    combination: "and",
    careful: oneOf(0),
    otherwise: "loose",
    why: "Packets to the broadcast address of another network are sent on to all of its hosts: one forged packet brings many answers.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv4/ip_forward_use_pmtu",
    careful: oneOf(0),
    otherwise: "depends",
    why: "Lets path MTUs, which anybody can forge, decide how forwarded packets are cut. Only programs that measure MTUs need it.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv4/conf/IFACE/proxy_arp",
    combination: "or",
    careful: oneOf(0),
    otherwise: "depends",
    why: "Answers ARP for addresses that are routed elsewhere, and so draws their packets here. Some VPN and container set-ups need it.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv4/conf/IFACE/proxy_arp_pvlan",
    combination: "own",
    careful: oneOf(0),
    otherwise: "depends",
    why: "Answers ARP for neighbours on the same link, which breaks the walls of a private VLAN unless this machine is its gateway.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv6/conf/IFACE/proxy_ndp",
    combination: "or",
    careful: oneOf(0),
    otherwise: "depends",
    why: "Answers neighbour solicitations for addresses listed with `ip neigh add proxy`, and so draws their packets here.",
    source: IP_SYSCTL,
  },
];
