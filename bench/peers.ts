// masscan and zmap, where they are installed: what they cost for the same work, and what they find.
import process from "node:process";
import { hasProgram } from "../lab/availability.js";
import type { LabMachine } from "../lab/machine.js";
import { SCANNER_ADDRESSES } from "../lab/topology.js";
import { type Measured, measure } from "./measure.js";
import { type Cost, costOf } from "./row.js";

/** What another scanner did. */
export interface Other {
  /** With the options that matter. */
  readonly name: string;
  readonly cost: Cost;
  /** What it found, compared with the truth. */
  readonly said: string;
}

/** A run of another scanner: its cost, and "address port" of what it calls open. */
export interface OtherRun {
  readonly measured: Measured;
  readonly open: ReadonlySet<string>;
}

/** Both listen for so long after their last probe; their defaults are 8 and 10 s. */
export const LISTEN_SEC = 1;

/** True when the program can be compared with. */
export function isHere(program: "masscan" | "zmap"): boolean {
  return hasProgram(program);
}

/** One line of the table. */
export function other(name: string, { measured }: OtherRun, said: string): Other {
  return { name, cost: costOf([measured]), said };
}

/** Who leads to the targets. */
export interface Gateway {
  readonly ipv4: string;
  readonly mac: string;
}

const MASSCAN_MAX_MS = 120_000;

/**
 * masscan 1.3.2 ends only when its receiver has seen a packet after its time of listening, which in a lab may be never:
 * a datagram every 50 ms is such a packet. At most as long as masscan itself may run.
 */
function startTicking(machine: LabMachine, { ipv4 }: Gateway): () => void {
  const script = `for i in $(seq ${MASSCAN_MAX_MS / 50}); do echo >/dev/udp/${ipv4}/9; sleep 0.05; done`;
  const child = machine.spawn("bash", ["-c", script]);
  return () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL"); // it leads a group
  };
}

/** masscan: every target and port once, at this rate. */
export async function masscan(
  machine: LabMachine,
  target: string,
  ports: string,
  gateway: Gateway,
  ratePps: number,
): Promise<OtherRun> {
  const link = ["-e", "eth0", "--adapter-ip", SCANNER_ADDRESSES.ipv4, "--router-mac", gateway.mac];
  const how = ["--rate", `${ratePps}`, "--wait", `${LISTEN_SEC}`, "-oL", "-", "-p", ports, target];
  const stopTicking = startTicking(machine, gateway);
  try {
    const args = [...link, ...how];
    const measured = await measure({ machine, program: "masscan", args, timeoutMs: MASSCAN_MAX_MS });
    const lines = [...measured.stdout.matchAll(/^open tcp (\d+) (\S+)/gm)];
    return { measured, open: new Set(lines.map(([, port, address]) => `${address} ${port}`)) };
  } finally {
    stopTicking();
  }
}

/** zmap: one port of every target, with so many probes each. */
export async function zmap(
  machine: LabMachine,
  target: string,
  port: number,
  gatewayMac: string,
  ratePps: number,
  probeCount: number,
): Promise<OtherRun> {
  const link = ["-i", "eth0", "-G", gatewayMac, "-b", "/dev/null"]; // its own list excludes private networks
  const how = ["-r", `${ratePps}`, "-P", `${probeCount}`, "-c", `${LISTEN_SEC}`, "-q", "-v", "0", "-o", "-"];
  const measured = await measure({ machine, program: "zmap", args: [...link, ...how, "-p", `${port}`, target] });
  const addresses = measured.stdout.split("\n").filter((line) => line !== "");
  return { measured, open: new Set(addresses.map((address) => `${address} ${port}`)) };
}

/** The link address of a machine's interface. */
export async function macOf(machine: LabMachine, device = "eth0"): Promise<string> {
  const { stdout } = await machine.run("cat", [`/sys/class/net/${device}/address`]);
  return stdout.trim();
}
