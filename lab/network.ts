// The test network: namespaces, links, firewalls and listeners, made for one test or bench and removed after it.
// Nothing in it has a way to the machine's own network.
import { type ChildProcess, spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { firstWord, type Ground, labEnvironment, openGround, randomTag } from "./availability.js";
import type { PortTruth } from "./filter.js";
import { type HostSpec, PLAIN_HOST, type PortQuestion, portTruth, ROUTED_HOSTS } from "./hosts.js";
import { type Crew, createCrew, type LabMachine, type RunResult } from "./machine.js";
import { type LabPlan, type Loss, type PlacedHost, planLab, type Topology } from "./topology.js";

/** What kind of lab is wanted. */
export interface LabOptions {
  /**
   * "neighbour": one host on the scanner's link. "routed": hosts behind a router. "void": nothing in 10.0.0.0/8.
   * "wan": a TAP device, for `createWanLab`. "firewall": a host with three links, for `createFirewallLab`.
   */
  readonly topology: Topology;
  /** Default: a plain host in the neighbour lab, one of each kind in the routed one. */
  readonly hosts?: readonly HostSpec[];
  /** Packets lost at random, of a thousand; default none. */
  readonly lossPerMille?: Partial<Loss>;
  /** What lies behind the router; only in the wan lab. */
  readonly prefixes?: readonly string[];
  /** True leaves the kernel's limits on ICMP errors (six at once, then one a second) as they are. */
  readonly hasIcmpLimits?: boolean;
}

/** One host of the lab. For a host that is down, `run` and `spawn` throw. */
export interface LabHost extends LabMachine {
  readonly spec: HostSpec;
  readonly ipv4: string;
  readonly ipv6: string;
  /** What is true of this port, to compare a scan with. */
  expected(port: number, question?: PortQuestion): PortTruth;
}

/** A lab that stands. */
export interface Lab {
  /** False when the kernel has no IPv6: then there are no IPv6 addresses either. */
  readonly hasIpv6: boolean;
  readonly scanner: LabMachine;
  /** Throws in a lab without a router. */
  readonly router: LabMachine;
  readonly hosts: readonly LabHost[];
  /** The host of this name; without a name the first one. */
  host(name?: string): LabHost;
  /** Ends all programs and removes everything; may be called twice. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const LISTENER = fileURLToPath(new URL("listener.mjs", import.meta.url));
const NAMESPACES = "/run/netns";

/** The name carries the pid of its maker, so that others can tell a living lab from a dead one. */
const NAME = /^pn-(\d+)-[0-9a-z]{4}-[a-z0-9]+$/;

/** Namespaces of this process that are still there: removed at the latest when it exits. */
const standing = new Set<string>();
let isWatchingExit = false;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function removeNow(names: Iterable<string>): void {
  const lines = [...names].map((name) => `netns del ${name}`);
  if (lines.length === 0) return;
  const input = `${lines.join("\n")}\n`;
  spawnSync("ip", ["-force", "-batch", "-"], { input, env: labEnvironment(), timeout: 20_000, stdio: "pipe" });
  for (const name of names) standing.delete(name);
}

/** Removes what tests left behind that were killed. */
function removeStale(): void {
  if (!existsSync(NAMESPACES)) return;
  const dead = readdirSync(NAMESPACES).filter((name) => {
    const pid = NAME.exec(name)?.[1];
    return pid !== undefined && !isAlive(Number(pid));
  });
  removeNow(dead);
}

function watchExit(): void {
  if (isWatchingExit) return;
  isWatchingExit = true;
  process.once("exit", () => removeNow([...standing]));
}

async function mustWork(what: string, work: Promise<RunResult>): Promise<void> {
  const { status, stderr } = await work;
  if (status !== 0) throw new Error(`lab: ${what} failed with ${status}: ${stderr.trim()}`);
}

function addNamespaces(ground: Ground, names: readonly string[]): void {
  const input = `${names.map((name) => `netns add ${name}`).join("\n")}\n`;
  const [command = "", ...args] = [...ground.prefix, "ip", "-batch", "-"];
  const done = spawnSync(command, args, { input, env: labEnvironment(), timeout: 20_000, encoding: "utf8" });
  if (done.status !== 0) throw new Error(`lab: ip netns add failed: ${done.error?.message ?? done.stderr.trim()}`);
}

async function startListener(machine: LabMachine, spec: HostSpec): Promise<ChildProcess | undefined> {
  const { tcp = [], udp = [], udpSilent = [], banners = {} } = spec;
  if (tcp.length + udp.length + udpSilent.length === 0) return undefined;
  const words = [LISTENER, JSON.stringify({ tcp, udp, udpSilent, banners })];
  const child = machine.spawn(process.execPath, words, { env: { NODE_OPTIONS: "" } });
  await firstWord(child, `listener of ${spec.name}`, 20_000);
  return child;
}

async function build(plan: LabPlan, machineOf: (short: string) => LabMachine): Promise<void> {
  const { wiring, setups } = plan;
  await mustWork("wiring", machineOf(wiring.namespace).run("sh", ["-ec", wiring.script]));
  const prepared = setups.map(({ namespace, script }) =>
    mustWork(`setting up ${namespace}`, machineOf(namespace).run("sh", ["-ec", script])),
  );
  const up = plan.hosts.filter((host) => !host.spec.isDown);
  const listening = up.map((host) => startListener(machineOf(host.spec.name), host.spec));
  await Promise.all([...prepared, ...listening]);
}

function defaultHosts(topology: Topology): readonly HostSpec[] {
  if (topology === "void" || topology === "wan" || topology === "firewall") return [];
  return topology === "routed" ? ROUTED_HOSTS : [PLAIN_HOST];
}

function absent(what: string): LabMachine {
  const refuse = (): never => {
    throw new Error(`lab: ${what}`);
  };
  return { namespace: "", run: async () => refuse(), spawn: refuse, spawnHere: refuse };
}

function placeHost(placed: PlacedHost, machineOf: (short: string) => LabMachine): LabHost {
  const { spec } = placed;
  const machine = spec.isDown ? absent(`${spec.name} is down`) : machineOf(spec.name);
  return { ...machine, ...placed, expected: (port, question) => portTruth(spec, port, question) };
}

function createRemoval(ground: Ground, crew: Crew, names: readonly string[]): () => Promise<void> {
  let removal: Promise<void> | undefined;
  const remove = async () => {
    await crew.endAll();
    if (ground.kind === "root") removeNow(names); // a user namespace takes its own along
    await ground.close();
  };
  return () => {
    removal ??= remove();
    return removal;
  };
}

/** Builds a lab in about half a second; whoever builds it disposes of it (`await using`, or `dispose()`). */
export async function createLab(options: LabOptions): Promise<Lab> {
  const ground = await openGround();
  const tag = `pn-${process.pid}-${randomTag()}`;
  const hasIpv6 = existsSync("/proc/net/if_inet6");
  const plan = planLab({
    topology: options.topology,
    hosts: options.hosts ?? defaultHosts(options.topology),
    loss: { toHosts: 0, toScanner: 0, ...options.lossPerMille },
    hasIcmpLimits: options.hasIcmpLimits ?? false,
    hasIpv6,
    prefixes: options.prefixes ?? [],
    fullName: (short) => `${tag}-${short}`,
  });
  const crew = createCrew(ground);
  const machineOf = (short: string) => crew.machine(`${tag}-${short}`);
  const names = plan.namespaces.map((short) => `${tag}-${short}`);
  const dispose = createRemoval(ground, crew, names);
  try {
    if (ground.kind === "root") {
      removeStale();
      watchExit();
      for (const name of names) standing.add(name);
    }
    addNamespaces(ground, names);
    await build(plan, machineOf);
  } catch (error) {
    await dispose();
    throw error;
  }
  const hosts = plan.hosts.map((placed) => placeHost(placed, machineOf));
  const hasRouter = plan.namespaces.includes("router");
  return {
    hasIpv6,
    scanner: machineOf("scanner"),
    router: hasRouter ? machineOf("router") : absent("this lab has no router"),
    hosts,
    host: (name) => {
      const found = name === undefined ? hosts[0] : hosts.find((host) => host.spec.name === name);
      if (found === undefined) throw new Error(`lab: no host ${name ?? "at all"}`);
      return found;
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}
