// A program that does not fit its port: another one than the settings file names, or than anybody runs there.
import type { InsideFact } from "../../model/audit-report.js";
import { portText, waitingText } from "../case-words.js";
import type { PortCase, Verdict } from "../port-case.js";

/** Name servers and what forwards to them. */
const NAME_SERVERS: readonly string[] = [
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
  "dnscrypt-proxy",
  "connmand",
  "aardvark-dns",
  "pihole-FTL",
  "AdGuardHome",
];
/** Programs by the ports that nobody else should have; names as the kernel keeps them. */
const USUAL: Readonly<Record<string, readonly string[]>> = {
  "22/tcp": ["sshd", "dropbear", "tinysshd", "gitlab-sshd", "teleport", "sslh", "xinetd", "inetd"],
  "53/tcp": NAME_SERVERS,
  "53/udp": NAME_SERVERS,
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
/** The kernel keeps that much of a process's name (TASK_COMM_LEN, with the zero at its end). */
const NAME_BYTES_MAX = 15;
/** It listens for units that it starts only when somebody comes (systemd.socket(5)). */
const INIT_PID = 1;

function wanted({ row }: PortCase): readonly string[] {
  const { expectedProcesses, port } = row;
  const names = expectedProcesses.length > 0 ? expectedProcesses : (USUAL[`${port.port}/${port.protocol}`] ?? []);
  return names.map(asKept);
}

/** A longer name is cut in its bytes. */
function asKept(name: string): string {
  return Buffer.from(name).subarray(0, NAME_BYTES_MAX).toString();
}

/** True for a program with a name of its own: neither a part of the kernel, nor init, nor one whose name nobody knows. */
function isProgram({ process, pid }: InsideFact): boolean {
  return process !== undefined && pid !== undefined && pid !== INIT_PID;
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
        (fact) =>
          isProgram(fact) && !names.includes(fact.process ?? "") && (isExpected || !STAND_INS.has(fact.process ?? "")),
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
