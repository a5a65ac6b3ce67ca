// Which ports, and UDP's own ways (nmap reference guide, Port Specification and Scan Order).
import { UsageError } from "../../model/errors.js";
import { quote } from "../../target/fault.js";
import type { Option } from "../option.js";
import { once, oneFile, wholeNumber } from "../option-value.js";
import type { ScanSettingsDraft } from "../scan-settings.js";

/** More sources of UDP probes bring nothing that fewer do not. */
const SOURCES_MAX = 1024;

/** Which ports, in which order. */
export const PORT_OPTIONS: readonly Option<ScanSettingsDraft>[] = [
  {
    names: ["-p"],
    value: "PORTS",
    help: "scan these ports: 22 or 22,80,8000-8010; - is all; T:22,U:53,S:9 for one protocol each; with -sO protocols",
    section: "Ports",
    apply(draft, value) {
      draft.portsText = once("-p", draft.portsText, value);
    },
  },
  {
    names: ["--exclude-ports"],
    value: "PORTS",
    help: "never scan these ports",
    section: "Ports",
    apply(draft, value) {
      draft.excludePortsText = once("--exclude-ports", draft.excludePortsText, value);
    },
  },
  {
    names: ["-F"],
    value: undefined,
    help: "fast: the 100 most usual ports of each protocol instead of 1000",
    section: "Ports",
    apply(draft) {
      draft.isFast = true;
    },
  },
  {
    names: ["--top-ports"],
    value: "N",
    help: "scan the N most usual ports of each protocol",
    section: "Ports",
    apply(draft, value) {
      draft.topPorts = wholeNumber("--top-ports", value, 1, 65_535);
    },
  },
  {
    names: ["--port-ratio"],
    value: "RATIO",
    help: "scan the ports that are open at least so often, 0 to 1; needs the frequencies of --servicedb or --datadir",
    section: "Ports",
    apply(draft, value) {
      const ratio = /^(\d{1,9}(\.\d{0,9})?|\.\d{1,9})$/.test(value) ? Number(value) : -1;
      if (!(ratio >= 0 && ratio <= 1)) {
        throw new UsageError(`--port-ratio needs a number from 0 to 1, but was given ${quote(value)}`);
      }
      draft.portRatio = ratio;
    },
  },
  {
    names: ["-r"],
    value: undefined,
    help: "scan ports in their order instead of mixed",
    section: "Ports",
    apply(draft) {
      draft.isSequential = true;
    },
  },
];

/** Tables of the user's own in place of postern's. */
export const DATA_OPTIONS: readonly Option<ScanSettingsDraft>[] = [
  {
    names: ["--servicedb"],
    value: "FILE",
    values: "file",
    help: "take names of ports, and which are usual, from a file in the form of nmap-services",
    section: "Ports",
    apply(draft, value) {
      draft.servicesFile = oneFile("--servicedb", draft.servicesFile, value);
    },
  },
  {
    names: ["--datadir"],
    value: "DIR",
    values: "directory",
    help: "the same with DIR/nmap-services, if that is there",
    section: "Ports",
    apply(draft, value) {
      draft.dataDirectory = oneFile("--datadir", draft.dataDirectory, value);
    },
  },
];

/** What is UDP's alone. */
export const UDP_OPTIONS: readonly Option<ScanSettingsDraft>[] = [
  {
    names: ["--payload-printers"],
    value: undefined,
    help: "send payloads to ports 515 and 9100 to 9107, too: printers print them",
    section: "UDP",
    apply(draft) {
      draft.udp = { ...draft.udp, isPrinterAllowed: true };
    },
  },
  {
    names: ["--source-addresses"],
    value: "LIST",
    help: "send from these addresses of this machine by turns: a host that rations its errors by asker answers faster",
    section: "UDP",
    apply(draft, value) {
      draft.udp = { ...draft.udp, sourcesText: once("--source-addresses", draft.udp.sourcesText, value) };
    },
  },
  {
    names: ["--borrow"],
    value: "N",
    help: `send from N unused addresses of the link, too, 1 to ${SOURCES_MAX}; they are given back`,
    section: "UDP",
    apply(draft, value) {
      if (draft.udp.borrowCount > 0) throw new UsageError("--borrow was given twice");
      draft.udp = { ...draft.udp, borrowCount: wholeNumber("--borrow", value, 1, SOURCES_MAX) };
    },
  },
  {
    names: ["--defeat-icmp-ratelimit"],
    value: undefined,
    help: "do not wait for hosts that ration their ICMP errors: faster, and silence means less",
    section: "UDP",
    apply(draft) {
      draft.udp = { ...draft.udp, isIcmpRationDefeated: true };
    },
  },
];
