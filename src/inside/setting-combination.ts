// How the kernel makes one value of conf/all/X and conf/IFACE/X. IPv4: include/linux/inetdevice.h, IN_DEV_* macros.
// IPv6: net/ipv6/exthdrs.c, ndisc.c, route.c and addrconf.c; include/net/ipv6.h, ipv6_accept_ra().

/** A rule by its name. */
export type CombinationName =
  | "own"
  | "max"
  | "min"
  | "or"
  | "and"
  | "ipv4-redirects"
  | "ipv6-redirects"
  | "router-advertisements";

/** One rule. */
export interface Combination {
  /** What counts, as a clause. */
  readonly words: string;
  /** True when the value for all interfaces has a say. */
  readonly isByAll: boolean;
  /** The value that counts; `isForwarding` is that of the interface and the family. */
  combine(own: number, all: number, isForwarding: boolean): number;
}

/** All rules. */
export const COMBINATIONS: Readonly<Record<CombinationName, Combination>> = {
  own: {
    words: "the interface's own; conf/all has no say",
    isByAll: false,
    combine: (own) => own,
  },
  max: {
    words: "the larger one of conf/all and the interface's own",
    isByAll: true,
    combine: (own, all) => Math.max(own, all),
  },
  min: {
    words: "the smaller one of conf/all and the interface's own",
    isByAll: true,
    combine: (own, all) => Math.min(own, all),
  },
  or: {
    words: "on when conf/all or the interface's own is on",
    isByAll: true,
    combine: (own, all) => Number(own !== 0 || all !== 0),
  },
  and: {
    words: "on when conf/all and the interface's own are on",
    isByAll: true,
    combine: (own, all) => Number(own !== 0 && all !== 0),
  },
  "ipv4-redirects": {
    words: "on when conf/all or the interface's own is on; where the interface forwards, when both are",
    isByAll: true,
    combine: (own, all, isForwarding) => Number(isForwarding ? own !== 0 && all !== 0 : own !== 0 || all !== 0),
  },
  "ipv6-redirects": {
    words: "the interface's own, and off where the interface forwards; conf/all has no say",
    isByAll: false,
    combine: (own, _all, isForwarding) => (isForwarding ? 0 : own),
  },
  "router-advertisements": {
    words: "the interface's own; where the interface forwards, only 2 is on; conf/all has no say",
    isByAll: false,
    combine: (own, _all, isForwarding) => (isForwarding && own !== 2 ? 0 : own),
  },
};
