// Which targets (nmap reference guide, Target Specification).
import { UsageError } from "../../model/errors.js";
import { isZone } from "../../target/address.js";
import { quote } from "../../target/fault.js";
import { accepted, flag, type Option } from "../option.js";
import { listOf, needed } from "../option-value.js";
import type { ScanSettingsDraft } from "../scan-settings.js";

/** Which targets, and which may be probed at all. */
export const TARGET_OPTIONS: readonly Option<ScanSettingsDraft>[] = [
  {
    names: ["-iL"],
    oldNames: ["-i"],
    value: "FILE",
    values: "file",
    help: "read targets from FILE, - for standard input",
    section: "Targets",
    apply(draft, value) {
      const file = needed("-iL", value);
      if (file === "-" && draft.inputLists.includes("-")) {
        throw new UsageError("-iL - was given twice, but standard input can be read only once");
      }
      draft.inputLists = [...draft.inputLists, file];
    },
  },
  {
    names: ["--link"],
    value: "IFACE",
    values: "interface",
    help: "add the IPv6 hosts of the link behind an interface, asked for by multicast",
    section: "Targets",
    apply(draft, value) {
      if (!isZone(value)) throw new UsageError(`--link needs the name of an interface, but was given ${quote(value)}`);
      if (!draft.links.includes(value)) draft.links = [...draft.links, value];
    },
  },
  {
    names: ["--exclude"],
    value: "LIST",
    help: "never probe these targets, separated by commas",
    section: "Targets",
    apply(draft, value) {
      draft.excludeTexts = [...draft.excludeTexts, needed("--exclude", value)];
    },
  },
  {
    names: ["--excludefile"],
    value: "FILE",
    values: "file",
    help: "never probe the targets in FILE",
    section: "Targets",
    apply(draft, value) {
      draft.excludeFiles = [...draft.excludeFiles, needed("--excludefile", value)];
    },
  },
  {
    names: ["--resolve-all"],
    value: undefined,
    help: "scan every address of a name, not only the first",
    section: "Targets",
    apply(draft) {
      draft.resolveAll = true;
    },
  },
  flag(["-6"], "Targets", "take the IPv6 addresses of names; an IPv6 address needs no option", (draft) => {
    draft.isIpv6Named = true;
  }),
  accepted(["--unique"], "Targets", [
    "probe each address once",
    "has no effect: however often an address is named, it is probed once",
  ]),
  accepted(["--randomize-hosts", "--rH"], "Targets", ["mix the hosts", "has no effect: they are always mixed"]),
  {
    names: ["--authorized"],
    value: "CIDR[,CIDR...]",
    help: "you may probe these networks; needed for public addresses, may be repeated",
    section: "Scope",
    apply(draft, value) {
      draft.authorized = [...draft.authorized, ...listOf("--authorized", "networks", value)];
    },
  },
];
