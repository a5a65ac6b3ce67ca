// Settings about TCP: what keeps it up under floods, and what a stranger can find out or break from outside.
import { atLeast, atMost, carefulWhere, lacksBits, oneOf } from "../careful-value.js";
import { IP_SYSCTL, type KernelSetting } from "../kernel-setting.js";

const INT_MAX = 2_147_483_647;
/** tcp_fastopen: as a server, and as a server that asks for no cookie. */
const SERVER_BIT = 0x2;
const NO_COOKIE_BIT = 0x200;

/** TCP. */
export const TCP_SETTINGS: readonly KernelSetting[] = [
  {
    path: "net/ipv4/tcp_syncookies",
    careful: oneOf(1),
    tolerable: oneOf(2),
    otherwise: "loose",
    why: "Without cookies a flood of SYNs with forged sources fills the queue, and nobody else gets in. 2 sends them always, for tests.",
    source: `${IP_SYSCTL}; RFC 4987`,
  },
  {
    path: "net/ipv4/tcp_max_syn_backlog",
    careful: atLeast(128, 1024),
    otherwise: "depends",
    why: "A short queue of half-open connections is filled sooner; then cookies must do, which know fewer TCP options.",
    source: IP_SYSCTL,
  },
  {
    path: "net/core/somaxconn",
    careful: atLeast(128, 4096),
    otherwise: "depends",
    why: "No service gets a longer queue than this, whatever it asks for: a few hundred idle connections lock others out.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv4/tcp_synack_retries",
    careful: atMost(5, "5 or less"),
    otherwise: "depends",
    why: "Each retry keeps half-open connections longer, and sends one more answer to a forged source.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv4/tcp_timestamps",
    careful: oneOf(1),
    tolerable: oneOf(0),
    otherwise: "loose",
    why:
      "2 has no random offset for each connection: anybody can tell how long the machine is up, and which connections " +
      "behind one address are the same machine's. 0 loses the guard against old segments and gains nothing since Linux 4.10.",
    source: `${IP_SYSCTL}; RFC 7323 §7`,
  },
  {
    path: "net/ipv4/tcp_rfc1337",
    careful: oneOf(1),
    otherwise: "depends",
    why: "A late or forged RST ends the wait in TIME-WAIT, after which old segments can get into a new connection.",
    source: `${IP_SYSCTL}; RFC 1337`,
  },
  {
    path: "net/ipv4/tcp_challenge_ack_limit",
    careful: carefulWhere("2147483647 (none)", String(INT_MAX), ([value]) => value === INT_MAX),
    tolerable: atLeast(1000),
    otherwise: "loose",
    why:
      "A bound that all connections share can be counted from outside, and tells who talks to whom (CVE-2016-5696). Newer " +
      "kernels bound each connection instead, and have none here; 1000 was the default in between, with chance in it.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv4/tcp_invalid_ratelimit",
    careful: atLeast(1, 500),
    otherwise: "loose",
    why: "Milliseconds between two answers to invalid segments; 0 is no ration, so two machines can be made to answer each other without end.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv4/tcp_fastopen",
    careful: lacksBits(SERVER_BIT | NO_COOKIE_BIT, "0 or 1 (no server)", 1),
    tolerable: lacksBits(NO_COOKIE_BIT, "no 0x200", 1),
    otherwise: "loose",
    why:
      "With 0x2 services may get data with the first packet, and see it again if it is replayed. With 0x200 they get it " +
      "from sources that nobody has checked: forged ones make them work and answer.",
    source: `${IP_SYSCTL}; RFC 7413 §6.3`,
  },
  {
    path: "net/ipv4/tcp_fwmark_accept",
    careful: oneOf(0),
    otherwise: "depends",
    why: "A connection goes on with the firewall mark of its SYN. Policy routing may need it; then marks are part of the firewall.",
    source: IP_SYSCTL,
  },
  {
    path: "net/ipv4/tcp_l3mdev_accept",
    careful: oneOf(0),
    otherwise: "depends",
    why: "A service outside of any VRF takes connections from all of them: networks that should be apart meet in it.",
    source: "Documentation/networking/vrf.rst",
  },
  {
    path: "net/ipv4/udp_l3mdev_accept",
    careful: oneOf(0),
    otherwise: "depends",
    why: "A service outside of any VRF takes datagrams from all of them: networks that should be apart meet in it.",
    source: "Documentation/networking/vrf.rst",
  },
];
