// CSV (-oC): a row a port, host by host as they are done, for spreadsheets and databases. RFC 4180.

import type { CompactScanEvent, HostDoneEvent, ScanEvent } from "../model/scan-event.js";
import { csvRow } from "./csv-cell.js";
import { FORM_FACTS } from "./form-facts.js";
import type { PortGroup, PortRow } from "./host-accumulator.js";
import { type BookedHost, type EndedHost, HostBook, portKey } from "./host-book.js";
import { unfoldedGroups } from "./port-folding.js";
import type { ReportOptions, ReportSink, ReportWriter } from "./report-writer.js";

/** A row a port. */
export const csv: ReportWriter = {
  ...FORM_FACTS.csv,
  sources: ["RFC 4180", "OWASP, CSV Injection"],
  open(options: ReportOptions): ReportSink {
    const report = new CsvReport(options);
    return (event) => report.take(event);
  },
};

/** What a row says of a host, or of ports. */
type Cells = Readonly<Record<string, string | number | undefined>>;

/** The columns in their order; new ones are put at the end, since programs count. */
const COLUMNS = [
  "address",
  "name",
  "mac",
  "vendor",
  "status",
  "statusReason",
  "protocol",
  "port",
  "count",
  "state",
  "reason",
  "ttl",
  "responder",
  "service",
  "product",
  "version",
  "extraInfo",
  "cpes",
  "system",
  "systemAccuracy",
  "rttMs",
  "foundAt",
  "endedAt",
  "end",
  "process",
  "pid",
  "user",
  "unit",
  "container",
] as const;

class CsvReport {
  readonly #options: ReportOptions;
  readonly #book: HostBook;

  constructor(options: ReportOptions) {
    this.#options = options;
    this.#book = new HostBook(options);
  }

  take(event: ScanEvent | CompactScanEvent): string {
    const ended = this.#book.take(event);
    switch (event.type) {
      case "start":
        return csvRow(COLUMNS);
      case "done":
        return this.#book
          .rest()
          .map((one) => this.#rows(one))
          .join("");
      default:
        return ended === undefined ? "" : this.#rows(ended);
    }
  }

  #rows({ host, done }: EndedHost): string {
    const facts = this.#hostCells(host, done);
    const groups = host.ports.groups();
    const isListed = unfoldedGroups(groups, this.#options);
    const listed = host.ports.rows(isListed).map((row) => this.#portCells(row, host));
    const counted = groups.filter((group) => !isListed(group) && this.#isCounted(group)).map(countedCells);
    const rows = [...listed, ...counted];
    return (rows.length === 0 ? [{}] : rows).map((cells) => row({ ...facts, ...cells })).join("");
  }

  #isCounted({ state }: PortGroup): boolean {
    return !this.#options.onlyOpen || state === "open" || state === "open|filtered" || state === "unfiltered";
  }

  #hostCells({ facts, names, os, foundAt }: BookedHost, done: HostDoneEvent | undefined): Cells {
    const { address, name, mac, status, reason, rttMs } = facts;
    const match = os?.matches[0];
    return {
      address,
      name: names[0] ?? name,
      mac,
      vendor: facts.vendor ?? (mac === undefined ? undefined : this.#options.vendorOf?.(mac)),
      status,
      statusReason: reason,
      system: match?.name,
      systemAccuracy: match?.accuracy,
      rttMs: toMicroseconds(done?.rttMs ?? rttMs),
      foundAt,
      endedAt: done?.at,
      end: done?.end,
    };
  }

  #portCells({ protocol, port, state, reason, detail }: PortRow, host: BookedHost): Cells {
    const found = host.services.get(portKey(protocol, port));
    const owner = host.owners.get(portKey(protocol, port));
    return {
      protocol,
      port,
      count: 1,
      state,
      reason,
      ttl: detail?.ttl,
      responder: detail?.responder,
      service: found?.name ?? this.#options.serviceName(port, protocol),
      product: found?.product,
      version: found?.version,
      extraInfo: found?.extraInfo,
      cpes: found?.cpes.join(" "),
      process: owner?.process ?? owner?.kernel,
      pid: owner?.pid,
      user: owner?.user,
      unit: owner?.unit,
      container: owner?.container,
    };
  }
}

/** Ports that are only counted have a row without a port: so that the sum of all counts is the number of ports. */
function countedCells({ protocol, count, state, reason }: PortGroup): Cells {
  return { protocol, count, state, reason };
}

/** More digits would claim a precision that no clock of ours has. */
function toMicroseconds(rttMs: number | undefined): number | undefined {
  return rttMs === undefined ? undefined : Math.round(rttMs * 1000) / 1000;
}

function row(cells: Cells): string {
  return csvRow(COLUMNS.map((column) => cells[column]));
}
