// Which questions discovery asks (nmap reference guide, Host Discovery).
import { UsageError } from "../model/errors.js";
import type { DiscoveryProbe } from "../scan/plan.js";
import { isFault } from "../target/fault.js";
import { parsePorts } from "../target/port-expression.js";
import type { Protocol } from "../target/port-set.js";
import type { ServiceNames } from "../target/service-names.js";
import type { DiscoveryText } from "./scan-settings.js";

/** Every host is asked all of them. */
const QUESTIONS_MAX = 1024;

const PROTOCOL_OF: Readonly<Partial<Record<DiscoveryProbe["technique"], Protocol>>> = {
  "tcp-syn": "tcp",
  "tcp-ack": "tcp",
  udp: "udp",
  "sctp-init": "sctp",
  "ip-protocol": "ip",
};

/**
 * The questions in the order in which they were typed, each once; undefined when none was.
 *
 * @throws UsageError ports that cannot be read
 */
export function chooseDiscovery(
  texts: readonly DiscoveryText[],
  names: () => ServiceNames,
): readonly DiscoveryProbe[] | undefined {
  if (texts.length === 0) return undefined;
  const ports = new Map<DiscoveryProbe["technique"], Set<number>>();
  for (const text of texts) {
    const known = ports.get(text.technique) ?? new Set();
    for (const port of portsOf(text, names)) known.add(port);
    ports.set(text.technique, known);
  }
  const count = [...ports.values()].reduce((sum, { size }) => sum + size, 0);
  if (count > QUESTIONS_MAX) {
    throw new UsageError(`discovery asks every host ${count} questions, and ${QUESTIONS_MAX} are the most`, {
      hint: "name fewer ports behind -PS, -PA, -PU and -PY",
    });
  }
  return [...ports].map(([technique, own]) => ({ technique, ports: [...own] }));
}

function portsOf({ option, technique, portsText }: DiscoveryText, names: () => ServiceNames): Iterable<number> {
  const protocol = PROTOCOL_OF[technique];
  if (protocol === undefined || portsText === undefined) return [0];
  const ports = parsePorts(portsText, names(), [protocol]);
  if (isFault(ports)) throw new UsageError(`${option}: ${ports.fault}`);
  if (ports.count(protocol) === 0)
    throw new UsageError(`${option} has no ${protocol} port to ask: no letters are needed`);
  return ports.ports(protocol);
}
