// The ports of one host: a table of those that are listed, and a sentence about those that are only counted.

import type { PortOwner } from "../model/owner-event.js";
import { REASONS } from "../model/reason.js";
import type { ServiceFacts } from "../model/scan-event.js";
import type { PortGroup, PortRow } from "./host-accumulator.js";
import { glyph } from "./html-glyph.js";
import { isolated, joined, type Markup, markup, NOTHING } from "./html-markup.js";
import { nounOf } from "./normal-ports.js";
import { ownerName, ownerPlace } from "./owner-text.js";
import { countOf, plainDecimal } from "./quantity.js";
import type { ReportOptions } from "./report-writer.js";

/** "22/tcp"; protocols of IP stand by their number: "ip 47". */
export function portText({ port, protocol }: Pick<PortRow, "port" | "protocol">): string {
  return protocol === "ip" ? `ip ${port}` : `${port}/${protocol}`;
}

/** What a table of ports needs beside the ports. */
export interface PortsMeans {
  /** The host's. */
  readonly address: string;
  /** What is known of services, by {@link portText}. */
  readonly services: ReadonlyMap<string, ServiceFacts>;
  /** Who has ports, in the same way. */
  readonly owners: ReadonlyMap<string, PortOwner>;
  readonly options: ReportOptions;
}

/** A table of the ports; nothing if there are none. */
export function portsTable(rows: readonly PortRow[], { address, services, owners, options }: PortsMeans): Markup {
  if (rows.length === 0) return NOTHING;
  const hasOwners = owners.size > 0;
  const owner = hasOwners ? markup`<th scope="col">Process</th>` : NOTHING;
  const body = rows.map((row) => {
    const service = serviceCell(services.get(portText(row)), options.serviceName(row.port, row.protocol));
    return portRow(row, service, hasOwners ? ownerCell(owners.get(portText(row))) : NOTHING);
  });
  return markup`<table class="ports"><caption>Ports of ${isolated(address)}</caption>
<thead><tr><th scope="col">Port</th><th scope="col">State</th><th scope="col">Service</th>${owner}<th scope="col">Reason</th><th scope="col" class="n">Round trip</th><th scope="col" class="n">Tries</th><th scope="col" class="n">TTL</th></tr></thead>
<tbody>
${body}</tbody>
</table>
`;
}

function portRow(row: PortRow, service: Markup, owner: Markup): Markup {
  const { state, reason, detail } = row;
  const door = state === "open" ? markup` class="door"` : NOTHING;
  const from = detail?.responder === undefined ? NOTHING : markup` <small>from ${detail.responder}</small>`;
  return markup`<tr${door}><th scope="row">${portText(row)}</th><td>${glyph(state, "beside")}${state}</td><td>${service}</td>${owner}<td>${reason}${from}</td><td class="n rtt">${rttText(detail?.rttMs)}</td><td class="n tries">${detail?.tries}</td><td class="n ttl">${detail?.ttl}</td></tr>
`;
}

/** "sshd[812]", and user and unit below. */
function ownerCell(owner: PortOwner | undefined): Markup {
  if (owner === undefined) return markup`<td></td>`;
  const name = ownerName(owner);
  const more = [owner.user, ownerPlace(owner)].filter((text) => text !== undefined);
  const below = more.length === 0 ? NOTHING : markup` <small>${joined(more.map(isolated), ", ")}</small>`;
  return markup`<td>${name === undefined ? NOTHING : isolated(name)}${below}</td>`;
}

/** "0.12 ms"; nothing where none was measured. */
export function rttText(rttMs: number | undefined): string | undefined {
  return rttMs === undefined ? undefined : `${plainDecimal(rttMs)} ms`;
}

function serviceCell(service: ServiceFacts | undefined, registered: string | undefined): Markup {
  if (service === undefined || service.method === "table") {
    const name = service?.name ?? registered;
    return name === undefined ? NOTHING : markup`<i>usually ${isolated(name)}</i>`;
  }
  const { name, tunnel, product, version, confidence } = service;
  const through = tunnel === undefined ? NOTHING : markup` in ${isolated(tunnel)}`;
  const what = [product, version].filter((part) => part !== undefined).join(" ");
  const doubt = confidence < 10 ? markup` <small>${confidence} of 10 sure</small>` : NOTHING;
  const lines = [what, ...moreOf(service)].filter((line) => line !== "");
  return markup`<b>${isolated(name)}</b>${through}${doubt}${lines.map((line) => markup`<br>${isolated(line)}`)}`;
}

function moreOf({ extraInfo, hostname, osType, deviceType, cpes }: ServiceFacts): readonly string[] {
  const lines: string[] = [];
  if (extraInfo !== undefined) lines.push(extraInfo);
  if (hostname !== undefined) lines.push(`calls itself ${hostname}`);
  if (osType !== undefined) lines.push(`system: ${osType}`);
  if (deviceType !== undefined) lines.push(`device: ${deviceType}`);
  return [...lines, ...cpes];
}

/** Ports that are only counted, with the words for what was seen. */
export function notShown(groups: readonly PortGroup[]): Markup {
  if (groups.length === 0) return NOTHING;
  const parts = groups.map(({ state, protocol, reason, count }) => {
    const ports = countOf(count, `${state} ${protocol} ${nounOf(protocol)}`);
    return markup`${ports} <span class="why">(${reason}: ${REASONS[reason]})</span>`;
  });
  return markup`<p class="rest">Not listed: ${joined(parts, ", ")}.</p>
`;
}
