// Reads a normal report back into data: postern's and nmap's, which look alike. Serves the tests and the bench.

/** One line of the table of ports. */
export interface SeenPort {
  readonly state: string;
  readonly service: string;
  /** The word of --reason without its details; "" where no reasons were asked for. */
  readonly reason: string;
  /** What stands behind the word: " from 10.9.0.254 ttl 64". */
  readonly evidence: string;
}

/** One host of the report. */
export interface SeenHost {
  /** "name (address)", or the address alone. */
  readonly title: string;
  readonly ports: ReadonlyMap<number, SeenPort>;
  /** All lines of its paragraph. */
  readonly lines: readonly string[];
}

/** What a report says. */
export interface SeenReport {
  readonly hosts: readonly SeenHost[];
  /** Addresses of the hosts that are up, sorted as text. */
  readonly upAddresses: readonly string[];
  /** Addresses of the hosts that -v says are down, sorted as text. */
  readonly downAddresses: readonly string[];
}

const TITLE = /^(?:postern|Nmap scan) report for (.+)$/;
const DOWN = / \[host down, received [a-z-]+\]$/;
const ROW = /^(\d+)\/(?:tcp|udp|sctp) +(\S+) +(\S+)(?: +(\S+)(.*))?$/;

function addressOf(title: string): string {
  return /\((.+)\)$/.exec(title)?.[1] ?? title;
}

function portsOf(lines: readonly string[]): Map<number, SeenPort> {
  const ports = new Map<number, SeenPort>();
  for (const line of lines) {
    const [, port, state = "", service = "", reason = "", evidence = ""] = ROW.exec(line) ?? [];
    if (port !== undefined) ports.set(Number(port), { state, service, reason, evidence });
  }
  return ports;
}

/** Reads a normal report. */
export function readReport(text: string): SeenReport {
  const hosts: SeenHost[] = [];
  const downAddresses: string[] = [];
  let lines: string[] | undefined;
  for (const line of text.split("\n")) {
    const title = TITLE.exec(line)?.[1];
    if (title !== undefined && DOWN.test(title)) downAddresses.push(addressOf(title.replace(DOWN, "")));
    else if (title !== undefined) {
      lines = [];
      hosts.push({ title, ports: new Map(), lines });
    }
    if (line === "") lines = undefined;
    lines?.push(line);
  }
  return {
    hosts: hosts.map((host) => ({ ...host, ports: portsOf(host.lines) })),
    upAddresses: hosts.map(({ title }) => addressOf(title)).sort(),
    downAddresses: downAddresses.sort(),
  };
}

/** States by port, as an object that compares well. */
export function statesOf(host: SeenHost): Record<number, string> {
  return Object.fromEntries([...host.ports].map(([port, { state }]) => [port, state]));
}

/** The numbers of the line "Probes: 16 sent, 11 answered, …". */
export function probeCounts(stdout: string): Record<"sent" | "answered" | "resent" | "late", number> {
  const line = /^Probes: ([\d,]+) sent, ([\d,]+) answered, ([\d,]+) resent, ([\d,]+) late/m.exec(stdout);
  if (line === null) throw new Error(`no line of probes in: ${stdout}`);
  const [sent = 0, answered = 0, resent = 0, late = 0] = line
    .slice(1)
    .map((number) => Number(number.replaceAll(",", "")));
  return { sent, answered, resent, late };
}
