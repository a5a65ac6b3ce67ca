// What chooses scans on the command line of `postern history list`: hosts and ports.
import { UsageError } from "../../model/errors.js";
import { addressBytes } from "../../store/history-index.js";
import type { HostChoice, PortChoice } from "../../store/history-scans.js";
import { parseAddress, unmapped } from "../../target/address.js";
import { quote } from "../../target/fault.js";
import { PORT_MAX, type PortRange, PROTOCOLS } from "../../target/port-set.js";

/**
 * An address, a network (`10.0.0.0/24`), or a name.
 *
 * @throws UsageError when it can be neither
 */
export function parseHostChoice(text: string): HostChoice {
  const [, network = "", digits] = /^(.*?)(?:\/(\d{1,3}))?$/s.exec(text) ?? [];
  const address = parseAddress(network);
  if (address === undefined) {
    if (text === "" || digits !== undefined) throw notHost(text);
    return { name: text };
  }
  const bytes = addressBytes(unmapped(address));
  const bitCount = bytes.length * 8;
  const prefix = digits === undefined ? bitCount : Number(digits);
  if (prefix > bitCount) throw notHost(text);
  const masks = Array.from(bytes, (_byte, at) => 0xff >> Math.min(8, Math.max(0, prefix - at * 8)));
  return {
    first: Uint8Array.from(bytes, (byte, at) => byte & ~(masks[at] ?? 0)),
    last: Uint8Array.from(bytes, (byte, at) => byte | (masks[at] ?? 0)),
  };
}

/**
 * Ports and ranges of any protocol, or of one: `22`, `80,8000-8010`, `53/udp`.
 *
 * @throws UsageError when it is none of them
 */
export function parsePortChoice(text: string): PortChoice {
  const [, numbers = "", name] = /^([^/]*)(?:\/(.*))?$/s.exec(text) ?? [];
  const protocol = PROTOCOLS.find((one) => one === name?.toLowerCase());
  if (name !== undefined && protocol === undefined) throw notPorts(text);
  const ranges = numbers.split(",").map((part): PortRange => {
    const [, first = "", last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim()) ?? [];
    if (first === "" || Number(last) > PORT_MAX || Number(first) > Number(last)) throw notPorts(text);
    return [Number(first), Number(last)];
  });
  return { protocol, ranges: [...ranges].sort(([one], [other]) => one - other) };
}

function notHost(text: string): UsageError {
  return new UsageError(`--host takes an address, a network such as 10.0.0.0/24, or a name, not ${quote(text)}`);
}

function notPorts(text: string): UsageError {
  return new UsageError(`--port takes ports and ranges such as 22, 80,8000-8010 or 53/udp, not ${quote(text)}`);
}
