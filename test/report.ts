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
  /** By number: for reports of one protocol. */
  readonly ports: ReadonlyMap<number, SeenPort>;
  /** By number and protocol as the report has them: "53/udp", and "17" for a protocol of IP. */
  readonly rows: ReadonlyMap<string, SeenPort>;
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
const ROW = /^(\d+(?:\/(?:tcp|udp|sctp))?) +((?:open|closed|(?:un)?filtered)\S*) +(\S+)(?: +(\S+)(.*))?$/;
const ROWS_HEAD = /^(?:PORT|PROTOCOL) +STATE/;

function addressOf(title: string): string {
  return /\((.+)\)$/.exec(title)?.[1] ?? title;
}

function rowsOf(lines: readonly string[]): Map<string, SeenPort> {
  const rows = new Map<string, SeenPort>();
  const head = lines.findIndex((line) => ROWS_HEAD.test(line));
  for (const line of head < 0 ? [] : lines.slice(head + 1)) {
    const [, port, state = "", service = "", reason = "", evidence = ""] = ROW.exec(line) ?? [];
    if (port === undefined) break;
    rows.set(port, { state, service, reason, evidence });
  }
  return rows;
}

function readHost({ title, lines }: Pick<SeenHost, "title" | "lines">): SeenHost {
  const rows = rowsOf(lines);
  const ports = new Map([...rows].map(([port, row]) => [Number.parseInt(port, 10), row]));
  return { title, lines, ports, rows };
}

/** Reads a normal report. */
export function readReport(text: string): SeenReport {
  const hosts: { readonly title: string; readonly lines: string[] }[] = [];
  const downAddresses: string[] = [];
  let lines: string[] | undefined;
  // nmap has an empty line before the table.
  for (const line of text.replaceAll(/\n\n(?=(?:PORT|PROTOCOL) )/g, "\n").split("\n")) {
    const title = TITLE.exec(line)?.[1];
    if (title !== undefined && DOWN.test(title)) downAddresses.push(addressOf(title.replace(DOWN, "")));
    else if (title !== undefined) {
      lines = [];
      hosts.push({ title, lines });
    }
    if (line === "") lines = undefined;
    lines?.push(line);
  }
  return {
    hosts: hosts.map(readHost),
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
