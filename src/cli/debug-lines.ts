// What -d tells of how a scan goes: one line an event, for people who wonder why. Pure.
import type { CompactScanEvent, HostDoneEvent, PortRunEvent, StartEvent } from "../model/scan-event.js";
import { printable } from "../report/printable.js";
import { countOf, percentAbout, plainDecimal } from "../report/quantity.js";

/** From this level on each port is told, too. */
const PORTS_FROM = 2;
/** So many ports of a run are written out. */
const PORTS_SHOWN = 10;

/** The event as a line without a line feed; "" for what the level does not ask for. */
export function debugLine(event: CompactScanEvent, level: number): string {
  if (level <= 0) return "";
  switch (event.type) {
    case "start":
      return `Debug: ${startText(event)}`;
    case "technique": {
      const { role, technique, transport, because } = event.choice;
      return `Debug: ${role} by ${technique}, ${printable(transport)}: ${printable(because)}`;
    }
    case "host": {
      const { id, address, status, reason, rttMs } = event.host;
      const time = rttMs === undefined ? "" : ` after ${plainDecimal(rttMs)} ms`;
      return `Debug: host ${id} ${printable(address)} is ${status} (${reason})${time}`;
    }
    case "port-run":
      return level < PORTS_FROM ? "" : `Debug: ${runText(event)}`;
    case "host-done":
      return `Debug: ${hostDoneText(event)}`;
    default:
      return "";
  }
}

function startText({ addressCount, portScans, seed }: StartEvent): string {
  const scans = portScans.map(({ technique, portCount, ports }) => {
    return `${technique} on ${countOf(portCount, "port")}${portCount === 0 ? "" : ` (${ports})`}`;
  });
  return [countOf(addressCount, "address", "addresses"), ...scans, `seed ${seed}`].join(", ");
}

function runText({ hostId, result, ports }: PortRunEvent): string {
  const { protocol, state, reason, technique, ttl, tries, responder } = result;
  const shown = [...ports.subarray(0, PORTS_SHOWN)].join(",") + (ports.length > PORTS_SHOWN ? ",…" : "");
  const from = responder === undefined ? "" : ` from ${printable(responder)}`;
  const sight = ttl === undefined ? "" : ` ttl ${ttl}`;
  return `host ${hostId} ${protocol} ${shown}: ${state} (${reason}${from}${sight}) by ${technique} in ${countOf(tries, "try", "tries")}`;
}

function hostDoneText({ hostId, rttMs, loss, end, undecided }: HostDoneEvent): string {
  const parts = [`host ${hostId} is done (${end})`];
  if (rttMs !== undefined) parts.push(`round trip ${plainDecimal(rttMs)} ms`);
  if (loss.lossShare > 0) parts.push(`${percentAbout(loss.lossShare)} lost`);
  for (const { protocol, count } of undecided) parts.push(`${countOf(count, `${protocol} port`)} undecided`);
  return parts.join(", ");
}
