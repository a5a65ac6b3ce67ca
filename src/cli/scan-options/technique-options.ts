// How ports are scanned (nmap reference guide, Port Scanning Techniques).
import { UsageError } from "../../model/errors.js";
import type { PortTechniqueName } from "../../scan/plan.js";
import { isFault } from "../../target/fault.js";
import type { Option } from "../option.js";
import { parseScanFlags } from "../scan-flags.js";
import type { ScanSettingsDraft } from "../scan-settings.js";

/** What a technique is typed as. */
const OPTION_OF: Readonly<Record<PortTechniqueName, string>> = {
  "tcp-syn": "-sS",
  "tcp-connect": "-sT",
  "tcp-ack": "-sA",
  "tcp-window": "-sW",
  "tcp-maimon": "-sM",
  "tcp-fin": "-sF",
  "tcp-null": "-sN",
  "tcp-xmas": "-sX",
  udp: "-sU",
  "sctp-init": "-sY",
  "sctp-cookie-echo": "-sZ",
  "ip-protocol": "-sO",
};

/** How ports are found out. */
export const TECHNIQUE_OPTIONS: readonly Option<ScanSettingsDraft>[] = [
  technique("tcp-syn", "TCP SYN scan; the default where raw packets may be sent"),
  technique("tcp-connect", "TCP connect scan; the default otherwise"),
  technique("udp", "UDP scan; goes together with one of TCP and one of SCTP"),
  technique("sctp-init", "SCTP INIT scan"),
  technique("sctp-cookie-echo", "SCTP COOKIE-ECHO scan"),
  technique("ip-protocol", "IP protocol scan: which protocols a host speaks; goes alone"),
  technique("tcp-ack", "TCP ACK scan: what a firewall lets through"),
  technique("tcp-window", "TCP window scan: as ACK, and the RST's window may tell"),
  technique("tcp-maimon", "TCP Maimon scan: FIN and ACK"),
  technique("tcp-fin", "TCP FIN scan"),
  technique("tcp-null", "TCP null scan: no flag at all"),
  technique("tcp-xmas", "TCP Xmas scan: FIN, PSH and URG"),
  {
    names: ["--scanflags"],
    value: "FLAGS",
    help: "flags of TCP probes: URGACKPSHRSTSYNFINECECWR in any order, or a number; answers are read as the TCP scan beside it does (-sS)",
    section: "Techniques",
    apply(draft, value) {
      const flags = parseScanFlags(value);
      if (isFault(flags)) throw new UsageError(`--scanflags: ${flags.fault}`);
      draft.scanFlags = flags;
    },
  },
];

/** How a technique is typed: "-sS". */
export function techniqueOption(name: PortTechniqueName): string {
  return OPTION_OF[name];
}

/** "TCP", "UDP", "SCTP" or "IP". */
export function protocolNameOf(name: PortTechniqueName): string {
  return (name.split("-")[0] ?? name).toUpperCase();
}

function technique(name: PortTechniqueName, help: string): Option<ScanSettingsDraft> {
  return {
    names: [OPTION_OF[name]],
    value: undefined,
    help,
    section: "Techniques",
    apply(draft) {
      if (draft.techniques.includes(name)) return;
      for (const earlier of draft.techniques) refuseBoth(earlier, name);
      draft.techniques = [...draft.techniques, name];
    },
  };
}

function refuseBoth(one: PortTechniqueName, other: PortTechniqueName): void {
  const [oneOption, otherOption] = [OPTION_OF[one], OPTION_OF[other]];
  if (one === "ip-protocol" || other === "ip-protocol") {
    throw new UsageError(`${oneOption} and ${otherOption} cannot be in one scan: -sO goes alone`);
  }
  const protocol = protocolNameOf(one);
  if (protocol === protocolNameOf(other)) {
    throw new UsageError(`${oneOption} and ${otherOption} are two ways to scan ${protocol} ports: choose one`);
  }
}
