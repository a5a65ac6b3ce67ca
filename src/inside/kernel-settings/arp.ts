// Settings about whom this machine tells which addresses it has, and whom it believes.
import { atLeast, oneOf } from "../careful-value.js";
import { IP_SYSCTL, type KernelSetting, type SettingScene } from "../kernel-setting.js";

const SEVERAL_LINKS = {
  words: "there is more than one interface",
  holds: ({ interfaceCount }: SettingScene) => interfaceCount > 1,
};

/** ARP, and its kin in IPv6. */
export const ARP_SETTINGS: readonly KernelSetting[] = [
  {
    path: "net/ipv4/conf/IFACE/arp_ignore",
    combination: "max",
    careful: atLeast(1),
    otherwise: "depends",
    needs: SEVERAL_LINKS,
    why:
      "Neighbours on one link may ask for the addresses of all other links, and get an answer: they learn of networks " +
      "that they should not see, and reach services that are bound to them.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv4/conf/IFACE/arp_announce",
    combination: "max",
    careful: oneOf(2),
    otherwise: "depends",
    needs: SEVERAL_LINKS,
    why: "ARP requests may carry an address of another link as their source, which tells neighbours of it.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv4/conf/IFACE/arp_filter",
    combination: "or",
    careful: oneOf(0, 1),
    otherwise: "depends",
    why: "1 answers ARP only on the interface by which the asker is routed. It matters with several interfaces on one link.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv4/conf/IFACE/arp_accept",
    combination: "max",
    careful: oneOf(0),
    tolerable: oneOf(2),
    otherwise: "loose",
    why: "Believes ARP that nobody asked for and makes new entries of it, so a neighbour can fill or poison the table in advance.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv6/conf/IFACE/accept_untracked_na",
    combination: "own",
    careful: oneOf(0),
    otherwise: "depends",
    why: "Makes neighbour entries of advertisements that nobody asked for. Routers may want it (RFC 9131), hosts do not.",
    source: `${IP_SYSCTL}; RFC 9131`,
  },
  {
    path: "net/ipv6/conf/IFACE/suppress_frag_ndisc",
    combination: "own",
    careful: oneOf(1),
    otherwise: "loose",
    why: "Takes neighbour discovery in fragments, by which forged messages get past the guards of switches (RFC 6980).",
    source: `${IP_SYSCTL}; RFC 6980`,
  },
];
