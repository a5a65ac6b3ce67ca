// The open ports of all hosts, by port: what is behind them, and on which hosts. Answers "where is SSH?".
import type { Protocol, ServiceFacts } from "../model/scan-event.js";
import type { PortRow } from "./host-accumulator.js";
import { type HostRef, HostRefs } from "./html-host-ref.js";
import { isolated, joined, type Markup, markup, NOTHING } from "./html-markup.js";
import { portText } from "./html-ports.js";
import { countOf, groupDigits } from "./quantity.js";
import type { ReportOptions } from "./report-writer.js";

/** A table that is longer than this is not read. */
const ROWS_MAX = 200;

/** Different products behind one port, in memory and in the table: names come from the network. */
const VARIANTS_MAX = 6;
const VARIANT_LENGTH_MAX = 80;

/** An open port and the hosts that have it. */
export interface OpenPort {
  readonly port: number;
  readonly protocol: Protocol;
  readonly hosts: HostRefs;
  /** What was found behind it, and how often. */
  readonly variants: Map<string, number>;
}

/** All open ports. */
export class OpenPorts {
  readonly #ports: Map<string, OpenPort> = new Map();

  get count(): number {
    return this.#ports.size;
  }

  add(host: HostRef, row: Pick<PortRow, "port" | "protocol">, service: ServiceFacts | undefined): void {
    const key = portText(row);
    let open = this.#ports.get(key);
    if (open === undefined) {
      open = { port: row.port, protocol: row.protocol, hosts: new HostRefs(), variants: new Map() };
      this.#ports.set(key, open);
    }
    open.hosts.add(host);
    if (service === undefined || service.method === "table") return;
    const { name, product, version } = service;
    const variant = [name, product, version]
      .filter((part) => part !== undefined)
      .join(" ")
      .slice(0, VARIANT_LENGTH_MAX);
    const known = open.variants.get(variant);
    if (known !== undefined || open.variants.size < VARIANTS_MAX) open.variants.set(variant, (known ?? 0) + 1);
  }

  /** Those that most hosts have, first; at most so many. */
  most(max: number): readonly OpenPort[] {
    const all = [...this.#ports.values()];
    all.sort((one, other) => other.hosts.count - one.hosts.count || comparePorts(one, other));
    return all.slice(0, max);
  }
}

const PROTOCOLS: readonly Protocol[] = ["tcp", "udp", "sctp", "ip"];

function comparePorts(one: OpenPort, other: OpenPort): number {
  return PROTOCOLS.indexOf(one.protocol) - PROTOCOLS.indexOf(other.protocol) || one.port - other.port;
}

/** The section; nothing without an open port. */
export function servicesSection(ports: OpenPorts, hostCount: number, options: ReportOptions): Markup {
  if (ports.count === 0) return NOTHING;
  const shown = ports.most(ROWS_MAX);
  const rest = ports.count - shown.length;
  const more =
    rest === 0
      ? NOTHING
      : markup`<p class="rest">${countOf(rest, "further port")} on fewer hosts: in the sections of the hosts.</p>
`;
  return markup`<section slot="charts" id="services" aria-labelledby="services-title">
<h2 id="services-title">Services</h2>
<table class="services"><caption>${countOf(ports.count, "open port")}, by the number of hosts that have ${ports.count === 1 ? "it" : "them"}</caption>
<thead><tr><th scope="col">Port</th><th scope="col">Service</th><th scope="col" class="n">Hosts</th><th scope="col">Which</th></tr></thead>
<tbody>
${shown.map((open) => serviceRow(open, hostCount, options))}</tbody></table>
${more}</section>
`;
}

function serviceRow(open: OpenPort, hostCount: number, options: ReportOptions): Markup {
  const { hosts } = open;
  const percent = ((hosts.count / Math.max(hostCount, 1)) * 100).toFixed(1);
  const bar = markup`<svg class="bar" aria-hidden="true"><rect width="100%" height="100%" class="ground"/><rect width="${percent}%" height="100%" class="o"/></svg>`;
  return markup`<tr><th scope="row">${portText(open)}</th><td>${serviceText(open, options)}</td><td class="n">${bar}${groupDigits(hosts.count)}</td><td class="which">${hosts.toMarkup()}</td></tr>
`;
}

function serviceText({ port, protocol, variants }: OpenPort, options: ReportOptions): Markup {
  if (variants.size === 0) {
    const name = options.serviceName(port, protocol);
    return name === undefined ? NOTHING : markup`<i>usually ${isolated(name)}</i>`;
  }
  const found = [...variants].sort((one, other) => other[1] - one[1]);
  const isOne = found.length === 1;
  return joined(
    found.map(([text, count]) => (isOne ? isolated(text) : markup`${isolated(text)} (${count})`)),
    ", ",
  );
}
