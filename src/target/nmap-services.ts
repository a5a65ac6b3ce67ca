// A file in the form of nmap-services, read for its owner: names of ports, and how often each is open. The form, one port a
// line: `name port/protocol [frequency] [# comment]`, the frequency as 0.25 or 1/4 (nmap reference guide, Data Files; the
// comment at the head of such a file). /etc/services has that form, too, with other names in place of the frequency.
import { type Fault, quote } from "./fault.js";
import { PortRanking } from "./port-ranking.js";
import { PORT_MAX, PROTOCOLS, type Protocol } from "./port-set.js";

/** What such a file says. */
export interface NmapServices {
  /** Rows for a `ServiceTable`. */
  readonly serviceRows: string;
  /** Ports by their frequencies, those that were never seen open without a rank; `undefined` where the file has none. */
  readonly ranking: PortRanking | undefined;
  /** The ports that are open at least so often, 0 to 1; `undefined` where the file has no frequencies. */
  portsFrom(protocol: Protocol, ratio: number): readonly number[] | undefined;
}

/** A line that cannot be read. */
export interface LineFault extends Fault {
  /** 1-based. */
  readonly line: number;
}

interface Row {
  readonly name: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly frequency: number | undefined;
}

/** Names are shown: what is not visible in ASCII is none. */
const ROW = /^([!-~]+)\s+(\d{1,5})\/([a-z]{1,8})(?:\s+(\d+(?:\.\d+)?|\.\d+)(?:\/(\d+))?(?=\s|$))?(?:\s.*)?$/i;

/** Reads such a file. Rows of protocols that have no ports here are passed over. */
export function readNmapServices(text: string): NmapServices | LineFault {
  const rows: Row[] = [];
  for (const [at, line] of text.split("\n").entries()) {
    const content = line.replace(/#.*$/s, "").trim();
    if (content === "") continue;
    const row = parseRow(content);
    if (row === undefined) {
      return { fault: `a name and a port such as "http 80/tcp" were expected, not ${quote(content)}`, line: at + 1 };
    }
    if (row !== "foreign") rows.push(row);
  }
  const hasFrequencies = rows.some(({ frequency }) => frequency !== undefined);
  const serviceRows = rows.map(({ name, port, protocol }) => `${name}\t${port}\t${protocol}\n`).join("");
  return {
    serviceRows,
    ranking: hasFrequencies ? rankingOf(rows) : undefined,
    portsFrom(protocol, ratio) {
      if (!hasFrequencies) return undefined;
      const isWanted = (row: Row): boolean => row.protocol === protocol && (row.frequency ?? 0) >= ratio;
      return [...new Set(rows.filter(isWanted).map(({ port }) => port))];
    },
  };
}

function parseRow(content: string): Row | "foreign" | undefined {
  const [, name = "", portText = "", protocolText = "", share, of = "1"] = ROW.exec(content) ?? [];
  const port = Number(portText);
  if (name === "" || port > PORT_MAX) return undefined;
  const protocol = PROTOCOLS.find((known) => known === protocolText.toLowerCase());
  if (protocol === undefined || protocol === "ip") return "foreign";
  return { name, port, protocol, frequency: share === undefined ? undefined : Number(share) / Math.max(1, Number(of)) };
}

/** The most frequent first; equal ones in the order of the file. */
function rankingOf(rows: readonly Row[]): PortRanking {
  const seen = rows.filter(({ frequency = 0 }) => frequency > 0);
  seen.sort((one, other) => (other.frequency ?? 0) - (one.frequency ?? 0));
  return new PortRanking(seen.map(({ protocol, port }) => `${protocol}\t${port}\n`).join(""));
}
