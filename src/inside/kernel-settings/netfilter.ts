// Settings that decide what the firewall gets to see, and what it takes for a connection.
import { carefulWhere, oneOf } from "../careful-value.js";
import { CONNTRACK_SYSCTL, IP_SYSCTL, type KernelSetting } from "../kernel-setting.js";

const BRIDGED =
  "Packets that a bridge carries between its ports pass no rule of the firewall but those of the bridge family. Container " +
  "engines and Kubernetes need 1; hosts of virtual machines that filter on the bridge itself may want 0.";

/** Connection tracking and bridges. The folders are there only while their modules are loaded. */
export const NETFILTER_SETTINGS: readonly KernelSetting[] = [
  {
    path: "net/netfilter/nf_conntrack_helper",
    careful: oneOf(0),
    otherwise: "loose",
    why: "Helpers open ports because of what stands in FTP, SIP and the like, on any connection to their port: strangers can write that.",
    source: `${CONNTRACK_SYSCTL} (until Linux 5.19)`,
  },
  {
    path: "net/netfilter/nf_conntrack_max",
    careful: carefulWhere("above the connections now, by a tenth", undefined, ([most = 0], { numberAt }) => {
      const now = numberAt("net/netfilter/nf_conntrack_count");
      return now === undefined || now * 10 <= most * 9;
    }),
    otherwise: "loose",
    why: "The table of connections is nearly full. When it is, new ones are dropped: a flood locks everybody out.",
    source: CONNTRACK_SYSCTL,
  },
  {
    path: "net/netfilter/nf_conntrack_tcp_loose",
    careful: oneOf(0),
    otherwise: "depends",
    why:
      "A segment in the middle of nothing makes a connection that the firewall knows. After that, rules for known " +
      "connections let it pass. Firewalls that must live through a restart need 1.",
    source: CONNTRACK_SYSCTL,
  },
  {
    path: "net/netfilter/nf_conntrack_tcp_be_liberal",
    careful: oneOf(0),
    otherwise: "depends",
    why: "Segments outside of the window pass as part of a connection, which makes forging easier. Some odd peers and ways need it.",
    source: CONNTRACK_SYSCTL,
  },
  {
    path: "net/netfilter/nf_conntrack_checksum",
    careful: oneOf(1),
    otherwise: "depends",
    why: "Packets with wrong checksums count: firewall and host can be made to see different connections.",
    source: CONNTRACK_SYSCTL,
  },
  {
    path: "net/bridge/bridge-nf-call-iptables",
    careful: oneOf(1),
    otherwise: "depends",
    why: BRIDGED,
    source: IP_SYSCTL,
  },
  {
    path: "net/bridge/bridge-nf-call-ip6tables",
    careful: oneOf(1),
    otherwise: "depends",
    why: BRIDGED,
    source: IP_SYSCTL,
  },
  {
    path: "net/bridge/bridge-nf-call-arptables",
    careful: oneOf(1),
    otherwise: "depends",
    why: "ARP that a bridge carries passes no rule of arptables.",
    source: IP_SYSCTL,
  },
];
