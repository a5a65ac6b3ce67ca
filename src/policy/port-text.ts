// Ports as postern.yaml names them: "tcp/443", "udp/53,123", "tcp/8000-8010", "tcp/*". Never without the protocol.
import { type Fault, isFault, quote } from "../target/fault.js";
import { parsePorts } from "../target/port-expression.js";
import { formatRanges, type PortSet, PROTOCOLS, type Protocol } from "../target/port-set.js";
import type { ServiceNames } from "../target/service-names.js";

/** A policy must mean the same wherever it is read: names of services differ from table to table. */
const NO_NAMES: ServiceNames = {
  portsOf: () => [],
  matching: () => [],
  nameOf: () => undefined,
  nearest: () => undefined,
  namedPorts: () => [],
};

/** Reads the ports of one protocol. */
export function parsePortText(text: string): PortSet | Fault {
  const [, protocolText = "", listText = ""] = /^\s*([A-Za-z]+)\s*\/\s*(.*?)\s*$/s.exec(text) ?? [];
  const protocol = PROTOCOLS.find((name) => name === protocolText.toLowerCase());
  if (protocol === undefined) {
    return { fault: `${quote(text)} names no ports; write the protocol before them: tcp/443, udp/500-510` };
  }
  const list = listText === "*" ? "-" : listText;
  if (!/^[\d\s,-]+$/.test(list))
    return { fault: `${quote(listText)} is no port; write numbers, as in tcp/22,80,8000-8010` };
  const ports = parsePorts(list, NO_NAMES, [protocol]);
  if (isFault(ports) || protocol === "ip" || !ports.has(protocol, 0)) return ports;
  return { fault: `${quote(text)}: port 0 stands for no port` };
}

/** As {@link parsePortText} reads it, one text a protocol. */
export function formatPortText(ports: PortSet): readonly string[] {
  const textOf = (protocol: Protocol): string => `${protocol}/${formatRanges(ports.ranges(protocol))}`;
  return PROTOCOLS.filter((protocol) => ports.count(protocol) > 0).map(textOf);
}
