// What postern.yaml says, as plain data: everything is frozen, and everything knows where in the file it stands.
import type { LogAddress } from "../linux/log-target.js";
import type { InputPlace } from "../model/errors.js";
import type { Address } from "../target/address.js";
import type { AddressBlock } from "../target/address-block.js";
import type { PortSet } from "../target/port-set.js";
import type { EndDate } from "./end-date.js";
import type { FindingName } from "./finding-name.js";
import type { HourSpan } from "./hours.js";

/** An address, a network or an IPv4 pattern. */
export interface PlacedBlock {
  readonly block: AddressBlock;
  readonly at: InputPlace;
}

/** The name of a host: in small letters, without a dot at its end. */
export interface PlacedName {
  readonly name: string;
  readonly at: InputPlace;
}

/** Hosts as they were named. What a name stands for is for others to find out. */
export interface HostList {
  readonly blocks: readonly PlacedBlock[];
  readonly names: readonly PlacedName[];
}

/** How fast, and when. Undefined is without a bound. */
export interface Limits {
  /** Probes a second over a whole run. */
  readonly ratePps: number | undefined;
  /** Probes a second to one host. */
  readonly hostRatePps: number | undefined;
  readonly hours: Hours | undefined;
}

/** The hours in which something may be sent at all. */
export interface Hours {
  readonly spans: readonly HourSpan[];
  /** As they were written. */
  readonly texts: readonly string[];
  readonly at: InputPlace;
}

/** That somebody else has agreed to be probed. */
export interface Consent {
  readonly hosts: HostList;
  /** Who has agreed. */
  readonly who: string;
  /** What to. */
  readonly purpose: string | undefined;
  readonly until: EndDate;
  readonly at: InputPlace;
}

/** A place that ports are asked from. */
export interface VantageEntry {
  readonly name: string;
  /** This machine's own network under another address, or another machine. */
  readonly way:
    | { readonly kind: "self"; readonly source: Address }
    | {
        readonly kind: "ssh";
        readonly user: string | undefined;
        /** A name or an address, without brackets; never one that ssh could take for an option. */
        readonly host: string;
        /** Undefined: as ssh's own configuration says. */
        readonly port: number | undefined;
        /** The file of the key; undefined: as ssh's own configuration says. It may begin with ~/. */
        readonly identityFile: string | undefined;
      };
  readonly at: InputPlace;
}

/** Whom a port is open for. */
export interface Sources {
  readonly isAny: boolean;
  readonly blocks: readonly PlacedBlock[];
  /** Names of vantage points; each of them is in the policy. */
  readonly vantages: readonly PlacedName[];
}

/** Ports that are meant to be open. */
export interface ExpectedPorts {
  readonly ports: PortSet;
  readonly from: Sources;
  readonly until: EndDate | undefined;
  readonly why: string | undefined;
  /** Names of services that may stand behind them; empty for any. */
  readonly services: readonly string[];
  /** Names of processes that may listen; empty for any. */
  readonly processes: readonly string[];
  readonly at: InputPlace;
}

/** Hosts, and all that is meant to be open on them: everything else is not. */
export interface ExpectedGroup {
  readonly name: string;
  readonly hosts: HostList;
  readonly open: readonly ExpectedPorts[];
  readonly at: InputPlace;
}

/** A finding that somebody has accepted. */
export interface Exception {
  readonly finding: FindingName;
  readonly reason: string;
  readonly until: EndDate | undefined;
  readonly at: InputPlace;
}

/** Who is told of changes. */
export type NotifyTarget =
  /** The words of a command; no shell reads them. */
  | { readonly kind: "command"; readonly words: readonly string[]; readonly at: InputPlace }
  | { readonly kind: "webhook"; readonly url: string; readonly at: InputPlace }
  | { readonly kind: "mail"; readonly address: string; readonly at: InputPlace }
  | { readonly kind: "ntfy"; readonly url: string; readonly at: InputPlace };

/** All that a file says; a file without a word says nothing. */
export interface Policy {
  readonly file: string;
  /** The zone of dates and hours. */
  readonly zoneName: string;
  /** What may be probed beside what needs no word. */
  readonly scope: HostList;
  /** What is never probed. */
  readonly exclude: HostList;
  readonly limits: Limits;
  readonly consents: readonly Consent[];
  readonly vantages: readonly VantageEntry[];
  readonly expect: readonly ExpectedGroup[];
  readonly accepted: readonly Exception[];
  readonly notify: readonly NotifyTarget[];
  /** Where start and end of scans are put on record; undefined for nowhere. */
  readonly log: LogAddress | undefined;
  /** Whether scans are put into the history. */
  readonly isRecorded: boolean;
}
