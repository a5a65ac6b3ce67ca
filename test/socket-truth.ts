// What ss(8) and lsof(8) say of sockets, and what `postern sockets --json` says, in the same words.
import type { LabMachine } from "../lab/machine.js";

/** A holder in the document. */
export interface SeenHolder {
  readonly pid: number;
  readonly name?: string;
  readonly descriptors: readonly number[];
  readonly uid?: number;
  readonly executable?: string;
  readonly isExecutableDeleted?: boolean;
  readonly innerPid?: number;
}

/** A socket in the document. */
export interface SeenSocket {
  readonly protocol: string;
  readonly family?: 4 | 6;
  readonly state?: string;
  readonly local?: string;
  readonly localPort?: number;
  readonly remote?: string;
  readonly remotePort?: number;
  readonly isV6Only?: boolean;
  readonly interfaceIndex?: number;
  readonly path?: string;
  readonly inode: number;
  readonly namespace: number;
  readonly ownership: string;
  readonly processes: readonly SeenHolder[];
}

/** The document. */
export interface SeenInside {
  readonly sockets: readonly SeenSocket[];
  readonly namespaces: readonly { readonly number: number; readonly isOwn: boolean; readonly name?: string }[];
  readonly gaps: readonly { readonly code: string; readonly what: string; readonly why: string }[];
}

/** ss's short words for states. */
const STATES: Readonly<Record<string, string>> = { ESTAB: "established", UNCONN: "unconnected" };

/** A line of ss -e -p -n -H for TCP and UDP: protocol, state, queues, local and other end, then users and inode. */
const SS_LINE = /^(?<protocol>\w+)\s+(?<state>\S+)\s+\d+\s+\d+\s+(?<local>\S+)\s+(?<remote>\S+)/;

/** The sockets of TCP and UDP as ss tells of them. */
export async function ssInet(machine: LabMachine, option: "-tulnpeH" | "-tuanpeH"): Promise<readonly string[]> {
  const { stdout } = await machine.run("ss", [option]);
  return parseSs(stdout);
}

/** Reads what ss has written. */
export function parseSs(text: string): readonly string[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines
    .map((line) => {
      const found = SS_LINE.exec(line)?.groups;
      if (found === undefined) throw new Error(`not understood: ${line}`);
      const { protocol = "", state = "", local = "", remote = "" } = found;
      const inode = / ino:(\d+) /.exec(line)?.[1] ?? 0;
      const holders = [...line.matchAll(/pid=(\d+),fd=(\d+)/g)].map(([, pid, fd]) => `${pid}/${fd}`);
      const words = [protocol, STATES[state] ?? state.toLowerCase(), local, remote.replace(/^.*:\*$/, "*"), inode];
      return `${words.join(" ")} ${holders.toSorted().join(",")}`.trimEnd();
    })
    .toSorted();
}

/** The same words from postern's document. */
export function asSs(sockets: readonly SeenSocket[], deviceNames: ReadonlyMap<number, string>): readonly string[] {
  return sockets
    .map((one) => {
      const holders = one.processes.flatMap(({ pid, descriptors }) => descriptors.map((fd) => `${pid}/${fd}`));
      const local = `${hostOf(one, deviceNames)}:${one.localPort}`;
      const remote = one.remotePort === 0 ? "*" : `${bracketed(one.remote ?? "")}:${one.remotePort}`;
      const words = [one.protocol, one.state, local, remote, one.inode];
      return `${words.join(" ")} ${holders.toSorted().join(",")}`.trimEnd();
    })
    .toSorted();
}

function hostOf({ family, local = "", isV6Only, interfaceIndex = 0 }: SeenSocket, names: ReadonlyMap<number, string>) {
  const device = interfaceIndex === 0 ? "" : `%${names.get(interfaceIndex)}`;
  if (family === 6 && local === "::" && isV6Only === false) return `*${device}`;
  return `${bracketed(local)}${device}`;
}

function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

/** What lsof -i says: "pid/descriptor inode" for each, in order. */
export async function lsofInet(machine: LabMachine): Promise<readonly string[]> {
  const { stdout } = await machine.run("lsof", ["-nP", "-i", "-Fpfd"]);
  const found: string[] = [];
  let [pid, descriptor] = ["", ""];
  for (const line of stdout.split("\n")) {
    if (line.startsWith("p")) pid = line.slice(1);
    if (line.startsWith("f")) descriptor = line.slice(1);
    if (line.startsWith("d")) found.push(`${pid}/${descriptor} ${line.slice(1)}`);
  }
  return found.toSorted();
}

/** The same from postern's document. */
export function asLsof(sockets: readonly SeenSocket[]): readonly string[] {
  return sockets
    .flatMap(({ inode, processes }) =>
      processes.flatMap(({ pid, descriptors }) => descriptors.map((fd) => `${pid}/${fd} ${inode}`)),
    )
    .toSorted();
}

/** The inodes of Unix sockets that ss -xl shows; their paths may hold line feeds. */
export async function ssUnix(machine: LabMachine): Promise<readonly number[]> {
  const { stdout } = await machine.run("ss", ["-xlH"]);
  return [...stdout.matchAll(/ (\d+) +\* 0(?: |$)/gm)].map(([, inode]) => Number(inode));
}
