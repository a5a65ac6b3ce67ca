// A program that does not fit its port: another one than the settings file names, or than anybody runs there.
import { portText, waitingText } from "../case-words.js";
import type { PortCase, Verdict } from "../port-case.js";

/** Programs by the ports that nobody else should have; names as the kernel keeps them, 15 bytes. */
const USUAL: Readonly<Record<string, readonly string[]>> = {
  "22/tcp": ["sshd", "dropbear", "systemd", "tinysshd", "teleport", "xinetd", "inetd"],
  "53/tcp": [
    "named",
    "unbound",
    "dnsmasq",
    "systemd-resolve",
    "pdns_server",
    "pdns_recursor",
    "knotd",
    "kresd",
    "coredns",
    "nsd",
    "dnsdist",
    "aardvark-dns",
    "pihole-FTL",
    "AdGuardHome",
  ],
  "53/udp": [
    "named",
    "unbound",
    "dnsmasq",
    "systemd-resolve",
    "pdns_server",
    "pdns_recursor",
    "knotd",
    "kresd",
    "coredns",
    "nsd",
    "dnsdist",
    "aardvark-dns",
    "pihole-FTL",
    "AdGuardHome",
  ],
  "3306/tcp": ["mysqld", "mariadbd", "proxysql", "mysqlrouter", "maxscale", "haproxy"],
  "5432/tcp": ["postgres", "postmaster", "pgbouncer", "pgpool", "haproxy", "odyssey"],
};
/** Programs that stand for others. */
const STAND_INS: ReadonlySet<string> = new Set([
  "docker-proxy",
  "rootlessport",
  "pasta",
  "pasta.avx2",
  "passt",
  "slirp4netns",
  "ssh",
  "socat",
]);

function wanted({ row }: PortCase): readonly string[] {
  return row.expectedProcesses.length > 0
    ? row.expectedProcesses
    : (USUAL[`${row.port.port}/${row.port.protocol}`] ?? []);
}

/** The port says one thing, the program another. */
export const serviceMismatch: Verdict = {
  key: "service-mismatch",
  judge(one) {
    const names = wanted(one);
    if (names.length === 0) return undefined;
    const isExpected = one.row.expectedProcesses.length > 0;
    const others =
      one.row.waiting?.filter(
        ({ process }) => process !== undefined && !names.includes(process) && (isExpected || !STAND_INS.has(process)),
      ) ?? [];
    if (others.length === 0) return undefined;
    return {
      severity: isExpected ? "medium" : "low",
      confidence: isExpected ? "certain" : "possible",
      title: `${portText(one)} is held by a program that does not fit it`,
      evidence: [...others.map(waitingText), `expected: ${names.slice(0, 6).join(", ")}`],
      nextStep: "find out what it is; if it is right, name its process under expect in postern.yaml",
    };
  },
};
