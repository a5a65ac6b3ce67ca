// Programs that pass on what comes to a port of this machine, by their command lines: docker-proxy and rootlesskit's
// (moby cmd/docker-proxy), rootlessport (podman), slirp4netns(1), passt(1) and pasta(1).
import type { Process } from "../inside/process.js";
import type { PublishedPort } from "../inside/published-port.js";
import type { PortRange } from "../target/port-set.js";
import { PORT_MAX } from "../target/port-set.js";
import { formatAddressRange, parseAddressRange } from "./address-range.js";
import { parsePortRange } from "./port-range-text.js";

/** What a forwarder says of itself. */
export interface PortForwarder {
  /** "docker-proxy", "pasta" …: one of the names that are known here. */
  readonly name: string;
  readonly ports: readonly PublishedPort[];
  /** False where it gets its ports by other ways than its command line, or not all of them were understood. */
  readonly isComplete: boolean;
}

type Reader = (name: string, words: readonly string[]) => Omit<PortForwarder, "name">;

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["docker-proxy", readDockerProxy],
  ["rootlesskit-docker-proxy", readDockerProxy],
  ["pasta", readPasta],
  ["pasta.avx2", readPasta],
  ["passt", readPasta],
  ["passt.avx2", readPasta],
  ["rootlessport", toldElsewhere],
  ["rootlessport-child", toldElsewhere],
  ["slirp4netns", toldElsewhere],
]);

/** More words than this are no command line of theirs. */
const WORDS_MAX = 4096;

/** The kernel keeps so many bytes of a name (include/uapi/linux/sched/types.h, TASK_COMM_LEN - 1). */
const NAME_BYTES = 15;
const KERNEL_NAMES: ReadonlySet<string> = new Set([...READERS.keys()].map((name) => name.slice(0, NAME_BYTES)));

/**
 * True for a process whose command line is worth to be read: its file or its name is a forwarder's, or its file is not known.
 * On a machine with thousands of processes that listen, to read all of them takes longer than anything else.
 */
export function mayForward({ name, executable }: Pick<Process, "name" | "executable">): boolean {
  if (executable === undefined || (name !== undefined && KERNEL_NAMES.has(name))) return true;
  return READERS.has(executable.path.slice(executable.path.lastIndexOf("/") + 1));
}

/** Reads a command line; undefined for a program that is no forwarder. */
export function readPortForwarder(commandLine: readonly string[]): PortForwarder | undefined {
  const [program = "", ...words] = commandLine.slice(0, WORDS_MAX);
  const name = program.slice(program.lastIndexOf("/") + 1);
  const reader = READERS.get(name);
  return reader === undefined ? undefined : { name, ...reader(name, words) };
}

/** rootlessport reads its ports from standard input, slirp4netns from a socket. */
function toldElsewhere(): Omit<PortForwarder, "name"> {
  return { ports: [], isComplete: false };
}

/** -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.2 -container-port 80. */
function readDockerProxy(name: string, words: readonly string[]): Omit<PortForwarder, "name"> {
  const flag = goFlags(words);
  const hostPorts = parsePortRange(flag.get("host-port") ?? "");
  const toPorts = parsePortRange(flag.get("container-port") ?? "");
  const to = parseAddressRange(flag.get("container-ip") ?? "");
  if (hostPorts === undefined || toPorts === undefined || to === undefined) return { ports: [], isComplete: false };
  const protocol = flag.get("proto") ?? "tcp";
  const port = { ...rowOf(name, protocol, flag.get("host-ip"), hostPorts), toPorts };
  return { ports: [{ ...port, target: "address", toAddress: formatAddressRange(to) }], isComplete: true };
}

/** Flags of Go's package flag: "-name value", "--name value", "-name=value"; a flag without a value is "". */
function goFlags(words: readonly string[]): ReadonlyMap<string, string> {
  const flags = new Map<string, string>();
  for (const [at, word] of words.entries()) {
    const match = /^--?([a-z][\w-]*)(?:=(.*))?$/s.exec(word);
    if (match === null) continue;
    const [, name = "", attached] = match;
    const next = words[at + 1] ?? "";
    flags.set(name, attached ?? (next.startsWith("-") ? "" : next));
  }
  return flags;
}

/** -t and -u: ports of this machine that lead into the namespace. -T and -U lead the other way. */
const PASTA_OPTIONS: ReadonlyMap<string, string> = new Map([
  ["-t", "tcp"],
  ["--tcp-ports", "tcp"],
  ["-u", "udp"],
  ["--udp-ports", "udp"],
]);

function readPasta(name: string, words: readonly string[]): Omit<PortForwarder, "name"> {
  const ports: PublishedPort[] = [];
  let isComplete = true;
  for (const [at, word] of words.entries()) {
    if (word === "--") break; // the command that it runs
    const [option = "", attached] = word.startsWith("--") ? splitOnce(word, "=") : [word];
    const protocol = PASTA_OPTIONS.get(option);
    if (protocol === undefined) continue;
    const found = pastaPorts(name, protocol, attached ?? words[at + 1] ?? "");
    if (found === undefined) isComplete = false;
    else ports.push(...found);
  }
  return { ports, isComplete };
}

/** [ADDRESS[%INTERFACE]/]PORTS[:PORTS],… or "none"; undefined for "auto", and for what is left out ("~22"). */
function pastaPorts(name: string, protocol: string, text: string): readonly PublishedPort[] | undefined {
  if (text === "none") return [];
  const [place, list] = text.includes("/") ? splitOnce(text, "/") : ["", text];
  const [address = "", interfaceName] = splitOnce(place ?? "", "%");
  if (list === undefined) return undefined;
  if (list === "all") {
    const all = pastaRow(name, protocol, address, interfaceName, [1, PORT_MAX]);
    return all === undefined ? undefined : [{ ...all, isCertain: false }]; // but for those that it finds taken
  }
  const rows = list.split(",").map((spec) => {
    const [host = "", target] = splitOnce(spec, ":");
    const row = pastaRow(name, protocol, address, interfaceName, parsePortRange(host));
    if (row === undefined || target === undefined) return row;
    const toPorts = parsePortRange(target);
    return toPorts === undefined ? undefined : { ...row, toPorts };
  });
  const known = rows.filter((row) => row !== undefined);
  return known.length < rows.length ? undefined : known;
}

function pastaRow(
  name: string,
  protocol: string,
  address: string,
  interfaceName: string | undefined,
  hostPorts: PortRange | undefined,
): PublishedPort | undefined {
  if (hostPorts === undefined) return undefined;
  if (address !== "" && parseAddressRange(address) === undefined) return undefined;
  const inInterface = interfaceName === undefined ? undefined : { name: interfaceName, isExcept: false };
  return { ...rowOf(name, protocol, address, hostPorts), inInterface };
}

/** A row of which only where to is missing. */
function rowOf(name: string, protocol: string, hostAddress: string | undefined, hostPorts: PortRange): PublishedPort {
  const range = parseAddressRange(hostAddress ?? "");
  return {
    protocol,
    family: range?.family,
    // The unspecified address stands for all: 0.0.0.0 for those of IPv4, :: for those of IPv6.
    hostAddress: range === undefined || range.last === 0n ? undefined : formatAddressRange(range),
    hostPorts,
    inInterface: undefined,
    sources: [],
    hooks: ["prerouting", "output"],
    target: "unknown",
    toAddress: undefined,
    toPorts: undefined,
    isShared: false,
    by: name,
    isCertain: true,
  };
}

function splitOnce(text: string, mark: string): readonly [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + mark.length)];
}
