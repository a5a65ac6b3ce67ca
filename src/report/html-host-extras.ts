// What may be known of a host beside its ports: its system, what scripts said, and the way to it.
import type { OsFacts, ScriptEvent, TraceEvent, TraceHop } from "../model/scan-event.js";
import { isolated, joined, type Markup, markup, NOTHING, preformatted } from "./html-markup.js";
import { portText } from "./html-ports.js";
import { durationText } from "./quantity.js";

/** Guesses that are less likely than so many others tell nobody anything. */
const MATCHES_MAX = 5;

/** What the host runs, the likeliest first. */
export function osBlock(os: OsFacts | undefined): Markup {
  if (os === undefined) return NOTHING;
  const matches = os.matches.slice(0, MATCHES_MAX).map(({ name, accuracy, classes }) => {
    const cpes = classes.flatMap((one) => one.cpes);
    const more = cpes.length === 0 ? NOTHING : markup` <small>${joined(cpes.map(isolated), ", ")}</small>`;
    return markup`<li>${isolated(name)}, ${accuracy} % alike${more}</li>`;
  });
  const rest = os.matches.length - matches.length;
  const more = rest > 0 ? markup`<li>and ${rest} less likely</li>` : NOTHING;
  const list =
    matches.length === 0 ? markup`<p>No known system answers like this one.</p>` : markup`<ol>${matches}${more}</ol>`;
  return markup`<h4>Operating system</h4>
${list}
${osFacts(os)}`;
}

function osFacts({ uptimeSeconds, distance, tcpSequence, ipIdSequence, portsUsed }: OsFacts): Markup {
  const facts: Markup[] = [];
  if (uptimeSeconds !== undefined) facts.push(markup`up for about ${durationText(uptimeSeconds * 1000)}`);
  if (distance !== undefined) facts.push(markup`${distance} ${distance === 1 ? "hop" : "hops"} away`);
  if (tcpSequence !== undefined) facts.push(markup`TCP sequence numbers: ${isolated(tcpSequence.class)}`);
  if (ipIdSequence !== undefined) facts.push(markup`IP identifiers: ${isolated(ipIdSequence.class)}`);
  if (portsUsed.length > 0) facts.push(markup`judged by ${portsUsed.map((one) => portText(one)).join(", ")}`);
  return facts.length === 0
    ? NOTHING
    : markup`<p class="rest">${joined(facts, "; ")}</p>
`;
}

/** What scripts said, each in its own words. */
export function scriptBlocks(scripts: readonly ScriptEvent[]): Markup {
  if (scripts.length === 0) return NOTHING;
  return markup`<h4>Scripts</h4>
${scripts.map((script) => scriptFigure(script))}`;
}

/**
 * What one script said.
 *
 * @param slot Where it belongs if it is no part of a host
 */
export function scriptFigure({ id, port, output }: ScriptEvent, slot?: string): Markup {
  const where = port === undefined ? NOTHING : markup` on ${portText(port)}`;
  const place = slot === undefined ? NOTHING : markup` slot="${slot}"`;
  return markup`<figure${place}><figcaption>${isolated(id)}${where}</figcaption><pre>${preformatted(output)}</pre></figure>
`;
}

/** The way to the host. */
export function traceBlock(trace: TraceEvent | undefined): Markup {
  if (trace === undefined || trace.hops.length === 0) return NOTHING;
  const { technique, protocol, port, hops } = trace;
  const means = protocol === "icmp" ? technique : `${technique} to ${portText({ protocol, port })}`;
  return markup`<table class="trace"><caption>The way there, by ${means}</caption>
<thead><tr><th scope="col" class="n">Hop</th><th scope="col" class="n">Round trip</th><th scope="col">Router</th></tr></thead>
<tbody>${hops.map(hopRow)}</tbody></table>
`;
}

function hopRow({ ttl, address, rttMs }: TraceHop): Markup {
  const rtt = rttMs === undefined ? "" : `${rttMs.toFixed(2)} ms`;
  const router = address === undefined ? markup`<i>no answer</i>` : markup`${address}`;
  return markup`<tr><th scope="row" class="n">${ttl}</th><td class="n">${rtt}</td><td>${router}</td></tr>`;
}
