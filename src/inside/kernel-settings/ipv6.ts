// Settings about how this machine gets IPv6 addresses and routes, and whom it believes about them.
import { anyValue, atLeast, atMost, oneOf } from "../careful-value.js";
import { IP_SYSCTL, type KernelSetting, type SettingScene } from "../kernel-setting.js";

const ADVERTISED = {
  words: "router advertisements are taken here",
  holds: ({ numberHere }: SettingScene) => numberHere("accept_ra") !== 0,
};

const OPTIONS =
  "Long chains of options cost this machine work before it knows what a packet is for, and get past simple filters.";

/** IPv6 addresses, routes and headers. */
export const IPV6_SETTINGS: readonly KernelSetting[] = [
  {
    path: "net/ipv6/conf/IFACE/accept_ra",
    combination: "router-advertisements",
    careful: oneOf(0),
    otherwise: "depends",
    why:
      "Any neighbour can become the default router and give this machine addresses, unless the switch guards against it " +
      "(RFC 6105). Machines that get IPv6 by advertisements need it; those with fixed addresses and routes do not.",
    source: `${IP_SYSCTL}; RFC 6104`,
  },
  {
    path: "net/ipv6/conf/IFACE/accept_ra_from_local",
    combination: "own",
    careful: oneOf(0),
    otherwise: "depends",
    needs: ADVERTISED,
    why: "Believes advertisements that seem to come from this machine itself.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv6/conf/IFACE/accept_ra_rt_info_max_plen",
    combination: "own",
    careful: oneOf(0),
    otherwise: "depends",
    needs: ADVERTISED,
    why: "Advertisements may give routes to single networks, and so draw only what somebody is after.",
    source: `${IP_SYSCTL}; RFC 4191`,
  },
  {
    path: "net/ipv6/conf/IFACE/autoconf",
    combination: "own",
    careful: anyValue("0 or 1"),
    otherwise: "depends",
    needs: ADVERTISED,
    why: "With 1, whoever advertises a prefix gives this machine an address in it, at which its services listen, too.",
    source: `${IP_SYSCTL}; RFC 4862`,
  },
  {
    path: "net/ipv6/conf/IFACE/addr_gen_mode",
    combination: "own",
    careful: atLeast(1, 3),
    otherwise: "depends",
    needs: {
      words: "addresses are made from advertisements here",
      holds: (scene) => ADVERTISED.holds(scene) && scene.numberHere("autoconf") !== 0,
    },
    why: "0 puts the MAC address into the IPv6 address: the machine is known wherever it goes, and its maker, too (RFC 8064).",
    source: `${IP_SYSCTL}; RFC 8064`,
  },
  {
    path: "net/ipv6/conf/IFACE/use_tempaddr",
    combination: "own",
    careful: anyValue("2 for clients, 0 for servers"),
    otherwise: "depends",
    why: "2 connects from addresses that change, which hides a client; a server's logs and rules are clearer without.",
    source: `${IP_SYSCTL}; RFC 8981`,
  },
  {
    path: "net/ipv6/conf/IFACE/accept_dad",
    combination: "max",
    careful: oneOf(1, 2),
    otherwise: "loose",
    needs: {
      words: "the interface has neighbours to ask: the kernel writes -1 where it has none",
      holds: ({ ownNumberHere }) => ownNumberHere("accept_dad") !== -1,
    },
    why: "Nobody looks whether an address is in use before it is taken: two machines can have the same one, by mistake or on purpose.",
    source: `${IP_SYSCTL}; net/ipv6/addrconf.c, ipv6_add_dev()`,
  },
  {
    path: "net/ipv6/conf/IFACE/disable_ipv6",
    combination: "own",
    careful: anyValue("0 or 1"),
    otherwise: "depends",
    why: "1 has no IPv6 on this interface. With 0 there is at least a link-local address, at which neighbours reach services.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv6/max_dst_opts_number",
    careful: atMost(8),
    otherwise: "depends",
    why: OPTIONS,
    source: `${IP_SYSCTL}; RFC 8504 §5.3`,
  },
  {
    path: "net/ipv6/max_hbh_opts_number",
    careful: atMost(8),
    otherwise: "depends",
    why: OPTIONS,
    source: `${IP_SYSCTL}; RFC 8504 §5.3`,
  },
];
