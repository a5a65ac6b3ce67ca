// How hosts that are up are found (nmap reference guide, Host Discovery).
import { UsageError } from "../../model/errors.js";
import type { DiscoveryProbe } from "../../scan/plan.js";
import { accepted, flag, type Option } from "../option.js";
import type { ScanSettings, ScanSettingsDraft } from "../scan-settings.js";

/** Ways not to scan ports, or not to ask who is up, with what each does. */
const PING_MODES: Readonly<Record<Exclude<ScanSettings["pingMode"], "default">, string>> = {
  none: "-Pn takes every host as up",
  only: "-sn only asks which hosts are up",
  list: "-sL only lists the targets",
};

/** Whether and how discovery is done. */
export const DISCOVERY_OPTIONS: readonly Option<ScanSettingsDraft>[] = [
  pingMode(["-sL"], [], "list", "list the targets, ask nothing of them"),
  pingMode(["-sn"], ["-sP"], "only", "discovery only: which hosts are up, no ports"),
  pingMode(["-Pn"], ["-P0", "-PN", "-PD"], "none", "no discovery: take every host as up"),
  icmp(["-PE"], ["-PI"], "icmp-echo", "ask by ICMP echo"),
  icmp(["-PP"], [], "icmp-timestamp", "ask by ICMP timestamp"),
  icmp(["-PM"], [], "icmp-address-mask", "ask by ICMP address mask"),
  withPorts(["-PS"], [], "tcp-syn", "PORTS", "80", "ask by TCP SYN to PORTS (80)"),
  withPorts(["-PA"], ["-PT"], "tcp-ack", "PORTS", "80", "ask by TCP ACK to PORTS (80)"),
  withPorts(["-PU"], [], "udp", "PORTS", "40125", "ask by UDP to PORTS (40125)"),
  withPorts(["-PY"], [], "sctp-init", "PORTS", "80", "ask by SCTP INIT to PORTS (80)"),
  withPorts(["-PO"], [], "ip-protocol", "PROTOCOLS", "1,2,4", "ask with IP PROTOCOLS (1, 2 and 4)"),
  {
    names: ["-PB"],
    value: "PORTS",
    isAttached: true,
    help: "-PE and -PA together, an old name",
    section: "Discovery",
    apply(draft, value) {
      add(draft, { option: "-PB", technique: "icmp-echo", portsText: undefined });
      add(draft, { option: "-PB", technique: "tcp-ack", portsText: value === "" ? "80" : value });
    },
  },
  accepted(["-PR"], "Discovery", [
    "ask neighbours by ARP",
    "has no effect: they always are, over IPv6 by neighbour discovery",
  ]),
  {
    names: ["--disable-arp-ping"],
    value: undefined,
    help: "ask neighbours like hosts behind a router",
    section: "Discovery",
    apply(draft) {
      draft.isLinkAsked = false;
    },
  },
  flag(
    ["--discovery-ignore-rst"],
    "Discovery",
    "do not take a RST for a sign that a host is up: firewalls send them, too",
    (draft) => {
      draft.isResetIgnored = true;
    },
  ),
  {
    names: ["--traceroute"],
    value: undefined,
    help: "trace the way to each host that is up",
    section: "Discovery",
    apply(draft) {
      draft.isTraced = true;
    },
  },
];

function pingMode(
  names: Option<ScanSettingsDraft>["names"],
  oldNames: readonly string[],
  mode: keyof typeof PING_MODES,
  help: string,
): Option<ScanSettingsDraft> {
  return {
    names,
    oldNames,
    value: undefined,
    help,
    section: "Discovery",
    apply(draft) {
      const earlier = draft.pingMode;
      if (earlier !== "default" && earlier !== mode) {
        throw new UsageError(`${PING_MODES[earlier]}, and ${PING_MODES[mode]}: choose one`);
      }
      draft.pingMode = mode;
    },
  };
}

function icmp(
  names: Option<ScanSettingsDraft>["names"],
  oldNames: readonly string[],
  technique: DiscoveryProbe["technique"],
  help: string,
): Option<ScanSettingsDraft> {
  return {
    names,
    oldNames,
    value: undefined,
    help,
    section: "Discovery",
    apply: (draft) => add(draft, { option: names[0], technique, portsText: undefined }),
  };
}

function withPorts(
  names: Option<ScanSettingsDraft>["names"],
  oldNames: readonly string[],
  technique: DiscoveryProbe["technique"],
  what: string,
  defaultText: string,
  help: string,
): Option<ScanSettingsDraft> {
  return {
    names,
    oldNames,
    value: what,
    isAttached: true,
    help,
    section: "Discovery",
    apply: (draft, value) => add(draft, { option: names[0], technique, portsText: value === "" ? defaultText : value }),
  };
}

function add(draft: ScanSettingsDraft, text: ScanSettings["discovery"][number]): void {
  draft.discovery = [...draft.discovery, text];
}
