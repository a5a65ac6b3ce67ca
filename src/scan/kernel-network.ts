// The real network: routes, rings, raw sockets and connects of this machine, put together for one run.
import { type Clock, realtimeOffsetMs } from "../linux/clock.js";
import type { Connector } from "../linux/connector.js";
import { EpollConnector } from "../linux/epoll-connector.js";
import { ENETUNREACH, errnoName } from "../linux/errno.js";
import { EthernetTransmitter } from "../linux/ethernet-transmitter.js";
import type { FrameTransmitter } from "../linux/frame-transmitter.js";
import type { Interface } from "../linux/interfaces.js";
import { IoUringConnector } from "../linux/io-uring-connector.js";
import { openFilesMax } from "../linux/limits.js";
import { findNeighbour } from "../linux/neighbour.js";
import { NodeConnector } from "../linux/node-connector.js";
import { PacketReceiver } from "../linux/packet-receiver.js";
import { waitReadable } from "../linux/poll.js";
import { RawIpTransmitter } from "../linux/raw-ip-transmitter.js";
import { type Route, RouteTable } from "../linux/routes.js";
import type { TransmitGuard } from "../linux/transmit-guard.js";
import type { Address } from "../target/address.js";
import { formatIpv4 } from "../target/ipv4.js";
import type { Cookies } from "../technique/cookies.js";
import { TECHNIQUES } from "../technique/list.js";
import type { ConnectSink, FrameSink, Network, Path } from "./network.js";
import type { ScanPlan, TransportChoice } from "./plan.js";

/** Connects under way at once. Each holds a socket; more than this gains nothing against a host that answers. */
const CONNECTS_MAX = 4096;
/** Descriptors that are left for everything else, where a connect takes one. */
const DESCRIPTORS_SPARED = 64;

const NO_FRAMES = {
  kind: "sockets",
  transmitter: undefined,
  hop: undefined,
  source: 0,
  isNeighbour: false,
  reason: "no-route",
  transport: "",
} as const;

/** What the network is built from. */
export interface KernelNetworkOptions {
  readonly plan: ScanPlan;
  readonly guard: TransmitGuard;
  readonly clock: Clock;
  /** Undefined where raw packets may not be sent: then the kernel connects. */
  readonly cookies: Cookies | undefined;
  /** Why the kernel has to connect, when it has to: "this process may not send raw packets". */
  readonly whyConnect: string;
  /** False where there is no netlink to ask: not Linux. */
  readonly hasRoutes: boolean;
  readonly isOwn: (address: Address) => boolean;
}

/** Opens what is needed when it is first needed. */
export class KernelNetwork implements Network {
  readonly frameTimeOffsetMs: number = realtimeOffsetMs();
  readonly #options: KernelNetworkOptions;
  readonly #routes: RouteTable | undefined;
  readonly #receiver: PacketReceiver | undefined;
  readonly #transmitters = new Map<number, FrameTransmitter>();
  readonly #paths = new Map<Route, Path>();
  #connector: Connector | undefined;
  #rawIp: RawIpTransmitter | undefined;

  /** @throws SystemCallError where packet sockets are not allowed although the plan wants them */
  constructor(options: KernelNetworkOptions) {
    this.#options = options;
    this.#routes = options.hasRoutes ? new RouteTable() : undefined;
    const { cookies } = options;
    if (cookies === undefined) return;
    this.#receiver = new PacketReceiver(
      TECHNIQUES.flatMap((technique) => (technique.kind === "frame" ? [technique.wants(cookies)] : [])),
    );
  }

  pathTo(address: Address): Path {
    const isOwn = this.#options.isOwn(address);
    if (address.family === 6) {
      const because = "raw probes over IPv6 are not in this version";
      return {
        ...NO_FRAMES,
        isNear: isOwn,
        isOwn,
        because: this.#receiver === undefined ? this.#options.whyConnect : because,
      };
    }
    if (this.#routes === undefined) return { ...NO_FRAMES, isNear: isOwn, isOwn, because: this.#options.whyConnect };
    const route = this.#routes.lookup(address.value);
    let path = this.#paths.get(route);
    if (path === undefined) {
      path = this.#makePath(route);
      this.#paths.set(route, path);
    }
    return path;
  }

  get connectTransport(): string {
    return this.#connects().name;
  }

  get connectTellsErrors(): boolean {
    return this.#connects().tellsErrors;
  }

  connect(slot: number, address: Address, port: number): boolean {
    return this.#connects().connect(slot, address, port);
  }

  cancelConnect(slot: number): void {
    this.#connector?.cancel(slot);
  }

  receive(frames: FrameSink, connects: ConnectSink): number {
    return (this.#receiver?.receive(frames) ?? 0) + (this.#connector?.collect(connects) ?? 0);
  }

  flush(): void {
    for (const transmitter of this.#transmitters.values()) transmitter.flush();
    if (this.#connector !== undefined && this.#connector.name !== "node:net") void this.#connector.wait(0);
  }

  get isSending(): boolean {
    for (const transmitter of this.#transmitters.values()) if (transmitter.isSending) return true;
    return false;
  }

  get drops(): { received: number; sent: number } {
    let sent = 0;
    for (const transmitter of this.#transmitters.values()) sent += transmitter.refusedCount;
    return { received: this.#receiver?.drops() ?? 0, sent };
  }

  idle(timeoutMs: number): void | Promise<void> {
    if (this.#connector !== undefined && (this.#receiver === undefined || this.#connector.name === "node:net")) {
      return this.#connector.wait(timeoutMs);
    }
    const fds = [this.#receiver?.fd, this.#connector?.fd].filter((fd) => fd !== undefined);
    waitReadable(fds, timeoutMs);
  }

  async close(): Promise<void> {
    while (this.isSending) await new Promise(setImmediate);
    this.#connector?.close();
    this.#routes?.close();
    const transmitters = [...this.#transmitters.values()].map((transmitter) => transmitter.close());
    await Promise.all([...transmitters, this.#receiver?.close()]); // side by side: closing packet sockets takes long
  }

  #makePath(route: Route): Path {
    const { device } = route;
    if (device === undefined || route.kind === "unreachable") {
      return noWay(`${errnoName(route.errno || ENETUNREACH)}${this.#downInterfaces()}`);
    }
    if (route.kind === "broadcast") return noWay("it is a broadcast address");
    if (!device.isUp) return noWay(`interface ${device.name} is down`);
    if (!device.isRunning && !device.isLoopback) return noWay(`interface ${device.name} has no carrier`);
    const isOwn = route.kind === "local";
    if (this.#receiver === undefined) {
      const isNear = isOwn || route.gateway === undefined;
      return { ...NO_FRAMES, isNear, isOwn, because: this.#options.whyConnect };
    }
    const isRaw = isOwn || !device.hasNeighbours || this.#options.plan.transport === "raw";
    return isRaw ? this.#rawPath(route, device, isOwn) : this.#ringPath(route, device);
  }

  /** An interface that is down takes its routes with it: then it is the likely cause. */
  #downInterfaces(): string {
    const names = [...(this.#routes?.interfaces() ?? [])].filter(({ isUp }) => !isUp).map(({ name }) => name);
    return names.length === 0 ? "" : ` (down: ${names.slice(0, 3).join(", ")}${names.length > 3 ? " …" : ""})`;
  }

  #rawPath(route: Route, device: Interface, isOwn: boolean): Path {
    this.#rawIp ??= new RawIpTransmitter(this.#options.guard);
    this.#transmitters.set(-1, this.#rawIp);
    return {
      kind: "frames",
      transmitter: this.#rawIp,
      hop: { mac: undefined, ownMac: undefined, interfaceIndex: device.index, interfaceName: device.name },
      source: route.source,
      isNeighbour: false,
      isNear: isOwn,
      isOwn,
      reason: "no-route",
      transport: this.#rawIp.name,
      because: "this process may send raw packets",
    };
  }

  #ringPath(route: Route, device: Interface): Path {
    const { guard, clock } = this.#options;
    let mac: Uint8Array | undefined;
    if (route.gateway !== undefined) {
      guard.permitGateway(route.gateway);
      const known = this.#routes?.neighbour(device, route.gateway);
      mac = known ?? findNeighbour(device, route.source, route.gateway, guard, clock);
      if (mac === undefined)
        return noWay(`its router ${formatIpv4(route.gateway)} on ${device.name} does not answer ARP`);
    }
    let transmitter = this.#transmitters.get(device.index);
    if (transmitter === undefined) {
      transmitter = new EthernetTransmitter(device.index, device.name, guard);
      this.#transmitters.set(device.index, transmitter);
    }
    return {
      kind: "frames",
      transmitter,
      hop: { mac, ownMac: device.mac, interfaceIndex: device.index, interfaceName: device.name },
      source: route.source,
      isNeighbour: route.gateway === undefined,
      isNear: route.gateway === undefined,
      isOwn: false,
      reason: "no-route",
      transport: transmitter.name,
      because: "this process may send raw packets",
    };
  }

  #connects(): Connector {
    this.#connector ??= openConnector(this.#options.plan.transport, this.#options.guard);
    return this.#connector;
  }
}

function noWay(because: string): Path {
  return { ...NO_FRAMES, kind: "none", isNear: false, isOwn: false, because };
}

/** The best way to connect that this system has, or the one that was asked for. */
function openConnector(choice: TransportChoice, guard: TransmitGuard): Connector {
  const capacity = Math.max(1, Math.min(CONNECTS_MAX, openFilesMax() - DESCRIPTORS_SPARED));
  if (choice === "node") return new NodeConnector(capacity, guard);
  if (choice === "epoll") return new EpollConnector(capacity, guard);
  if (choice === "io_uring") return new IoUringConnector(capacity, guard);
  for (const Way of [IoUringConnector, EpollConnector]) {
    try {
      return new Way(capacity, guard);
    } catch {
      // Switched off, forbidden, too old a kernel, or no C library to call at all: the next way is there for that, and
      // the report says which one it was.
    }
  }
  return new NodeConnector(capacity, guard);
}
