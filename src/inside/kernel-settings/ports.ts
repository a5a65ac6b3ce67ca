// Settings about who may bind which address and port.
import { anyValue, atLeast, carefulWhere, oneOf } from "../careful-value.js";
import { IP_SYSCTL, type KernelSetting } from "../kernel-setting.js";

/** Fewer than this and a source port can be guessed in little time: IANA's dynamic range has as many (RFC 6056 §3.2). */
const PORTS_LEAST = 16_384;

/** Ports and addresses of sockets. */
export const PORT_SETTINGS: readonly KernelSetting[] = [
  {
    path: "net/ipv4/ip_local_port_range",
    careful: carefulWhere("16384 ports or more, from 1024 up", "32768 60999", ([first, last]) => {
      return first !== undefined && last !== undefined && first >= 1024 && last - first + 1 >= PORTS_LEAST;
    }),
    otherwise: "loose",
    why:
      "From here come the source ports of connections. Few of them are soon guessed, which answers to DNS questions can be " +
      "forged with, and soon used up; low ones take ports that services want.",
    source: `${IP_SYSCTL}; RFC 6056`,
  },
  {
    path: "net/ipv4/ip_unprivileged_port_start",
    careful: atLeast(1024),
    otherwise: "depends",
    why:
      "Any user may bind ports from here on, and so stand in for a service that is down. Containers often have 0, where " +
      "nobody else is to be stood in for.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv4/ip_nonlocal_bind",
    careful: oneOf(0),
    otherwise: "depends",
    why: "Programs may bind addresses that this machine does not have. Failover (VRRP) needs it; mistakes then stay unseen.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv6/ip_nonlocal_bind",
    careful: oneOf(0),
    otherwise: "depends",
    why: "Programs may bind addresses that this machine does not have. Failover (VRRP) needs it; mistakes then stay unseen.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv4/ip_autobind_reuse",
    careful: oneOf(0),
    otherwise: "depends",
    why: "Sockets that ask for any port may get one that others have, where all of them allow it. Programs that rely on a port of their own may break.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv6/bindv6only",
    careful: anyValue("0 or 1"),
    otherwise: "depends",
    why: "With 0 a socket on :: takes IPv4, too, unless its program says otherwise: look for rules of both families.",
    source: IP_SYSCTL,
  },
];
