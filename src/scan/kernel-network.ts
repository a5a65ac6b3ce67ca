// The real network: routes, rings, raw sockets and connects of this machine, put together for one run.
import type { BorrowedAddresses } from "../linux/borrowed-addresses.js";
import { type Clock, realtimeOffsetMs } from "../linux/clock.js";
import type { Connector } from "../linux/connector.js";
import { ENETUNREACH, errnoName } from "../linux/errno.js";
import { EthernetTransmitter } from "../linux/ethernet-transmitter.js";
import type { FrameTransmitter } from "../linux/frame-transmitter.js";
import type { Interface } from "../linux/interfaces.js";
import { SLOT_BYTES_LONG, SLOT_BYTES_SHORT } from "../linux/message-batch.js";
import { findNeighbour } from "../linux/neighbour.js";
import { FRAME_BYTES_LONG, FRAME_BYTES_SHORT, PacketReceiver } from "../linux/packet-receiver.js";
import { waitReadable } from "../linux/poll.js";
import { RawIpTransmitter } from "../linux/raw-ip-transmitter.js";
import { type Route, RouteTable } from "../linux/routes.js";
import type { TransmitGuard } from "../linux/transmit-guard.js";
import { type Address, formatAddress } from "../target/address.js";
import type { Cookies } from "../technique/cookies.js";
import { TECHNIQUES } from "../technique/list.js";
import { techniquesInUse } from "./choice.js";
import type { ConnectSink, FrameSink, Network, Path } from "./network.js";
import { openConnector } from "./open-connector.js";
import type { ScanPlan } from "./plan.js";

const NO_FRAMES = {
  kind: "sockets",
  transmitter: undefined,
  hop: undefined,
  source: undefined,
  isNeighbour: false,
  reason: "no-route",
  transport: "",
} as const;
const MAY_SEND_RAW = "this process may send raw packets";

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
  /** Addresses of the link that are ours for this run, beside those that the machine has. */
  readonly borrowed: BorrowedAddresses | undefined;
}

/** Opens what is needed when it is first needed. */
export class KernelNetwork implements Network {
  readonly frameTimeOffsetMs: number = realtimeOffsetMs();
  readonly #options: KernelNetworkOptions;
  readonly #routes: RouteTable | undefined;
  readonly #receiver: PacketReceiver | undefined;
  readonly #transmitters = new Map<string, FrameTransmitter>();
  readonly #paths = new Map<Route, Path>();
  readonly #sources = new WeakMap<Path, readonly Address[]>();
  #connector: Connector | undefined;

  /** @throws SystemCallError where packet sockets are not allowed although the plan wants them */
  constructor(options: KernelNetworkOptions) {
    this.#options = options;
    this.#routes = options.hasRoutes ? new RouteTable() : undefined;
    const { cookies, plan } = options;
    if (cookies === undefined) return;
    const wishes = techniquesInUse(plan).flatMap((number) => {
      const technique = TECHNIQUES[number];
      return technique?.kind === "frame" ? technique.wants(cookies) : [];
    });
    this.#receiver = new PacketReceiver(wishes, undefined, this.#hasPayloads ? FRAME_BYTES_LONG : FRAME_BYTES_SHORT);
  }

  pathTo(address: Address): Path {
    const { isOwn, whyConnect } = this.#options;
    if (this.#routes === undefined) {
      const isMine = isOwn(address);
      return { ...NO_FRAMES, isNear: isMine, isOwn: isMine, isDirect: isMine, because: whyConnect };
    }
    const route = this.#routes.lookup(address);
    let path = this.#paths.get(route);
    if (path === undefined) {
      path = this.#makePath(route);
      this.#paths.set(route, path);
    }
    return path;
  }

  sourceCount(path: Path): number {
    return this.#sourcesOf(path).length;
  }

  sourceAt(path: Path, index: number): Address | undefined {
    return this.#sourcesOf(path)[index];
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
    this.#options.borrowed?.poll();
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
    const { borrowed } = this.#options;
    const fds = [this.#receiver?.fd, this.#connector?.fd, borrowed?.fd].filter((fd) => fd !== undefined);
    waitReadable(fds, timeoutMs);
  }

  async close(): Promise<void> {
    while (this.isSending) await new Promise(setImmediate);
    this.#connector?.close();
    this.#routes?.close();
    const transmitters = [...this.#transmitters.values()].map((transmitter) => transmitter.close());
    await Promise.all([...transmitters, this.#receiver?.close()]); // side by side: closing packet sockets takes long
  }

  /** Those that the plan names, else the path's own and then what was borrowed on its link; all of the path's family. */
  #sourcesOf(path: Path): readonly Address[] {
    let sources = this.#sources.get(path);
    if (sources === undefined) {
      sources = this.#makeSources(path);
      this.#sources.set(path, sources);
    }
    return sources;
  }

  #makeSources({ source, hop }: Path): readonly Address[] {
    const { plan, borrowed } = this.#options;
    if (source === undefined) return [];
    const named = plan.sourceAddresses.filter(({ family }) => family === source.family);
    const isOnItsLink = hop?.ownMac !== undefined && borrowed?.interfaceIndex === hop.interfaceIndex;
    const lent = isOnItsLink ? borrowed.addresses.filter(({ family }) => family === source.family) : [];
    return [...(named.length > 0 ? named : [source]), ...lent];
  }

  #makePath(route: Route): Path {
    const { device } = route;
    if (device === undefined || route.kind === "unreachable") {
      return noWay(`${errnoName(route.errno || ENETUNREACH)}${this.#downInterfaces()}`);
    }
    if (route.kind === "broadcast") return noWay("it is a broadcast address");
    if (!device.isUp) return noWay(`interface ${device.name} is down`);
    const isOwn = route.kind === "local";
    if (!(device.isRunning || device.isLoopback || isOwn)) return noWay(`interface ${device.name} has no carrier`);
    if (!isOwn && this.#options.plan.isOwnOnly === true) return noWay("it is no address of this machine");
    if (this.#receiver === undefined) {
      const isNear = isOwn || route.gateway === undefined;
      return { ...NO_FRAMES, isNear, isOwn, isDirect: isOwn, because: this.#options.whyConnect };
    }
    const { transport, isLinkAsked } = this.#options.plan;
    const isRaw =
      isOwn || !device.hasNeighbours || transport === "raw" || (!isLinkAsked && route.gateway === undefined);
    return isRaw ? this.#rawPath(route, device, isOwn) : this.#ringPath(route, device);
  }

  /** An interface that is down takes its routes with it: then it is the likely cause. */
  #downInterfaces(): string {
    const names = [...(this.#routes?.interfaces() ?? [])].filter(({ isUp }) => !isUp).map(({ name }) => name);
    return names.length === 0 ? "" : ` (down: ${names.slice(0, 3).join(", ")}${names.length > 3 ? " …" : ""})`;
  }

  #rawPath(route: Route, device: Interface, isOwn: boolean): Path {
    const { guard } = this.#options;
    const family = route.source?.family ?? 4;
    const transmitter = this.#transmitter(`raw ${family}`, () => new RawIpTransmitter(guard, family, this.#slotBytes));
    return {
      kind: "frames",
      transmitter,
      hop: { mac: undefined, ownMac: undefined, interfaceIndex: device.index, interfaceName: device.name },
      source: route.source,
      isNeighbour: false,
      isNear: isOwn || route.gateway === undefined,
      isOwn,
      isDirect: isOwn || this.#options.plan.isDirect === true,
      reason: "no-route",
      transport: transmitter.name,
      because: MAY_SEND_RAW,
    };
  }

  #ringPath(route: Route, device: Interface): Path {
    const { guard, clock } = this.#options;
    const { gateway } = route;
    let mac: Uint8Array | undefined;
    if (gateway !== undefined) {
      guard.permitGateway(gateway);
      mac = this.#routes?.neighbour(device, gateway) ?? findNeighbour(device, route.source, gateway, guard, clock);
      const asked = gateway.family === 4 ? "ARP" : "neighbour discovery";
      if (mac === undefined) {
        return noWay(`its router ${formatAddress(gateway)} on ${device.name} does not answer ${asked}`);
      }
    }
    const transmitter = this.#transmitter(
      device.name,
      () => new EthernetTransmitter(device.index, device.name, guard, this.#slotBytes),
    );
    return {
      kind: "frames",
      transmitter,
      hop: { mac, ownMac: device.mac, interfaceIndex: device.index, interfaceName: device.name },
      source: route.source,
      isNeighbour: gateway === undefined,
      isNear: gateway === undefined,
      isOwn: false,
      isDirect: this.#options.plan.isDirect === true,
      reason: "no-route",
      transport: transmitter.name,
      because: MAY_SEND_RAW,
    };
  }

  #transmitter(key: string, make: () => FrameTransmitter): FrameTransmitter {
    const known = this.#transmitters.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#transmitters.set(key, made);
    return made;
  }

  /** UDP payloads may be long (QUIC wants 1,200 bytes, RFC 9000 §14.1), and so is an error that quotes one. */
  get #hasPayloads(): boolean {
    return techniquesInUse(this.#options.plan).some((number) => TECHNIQUES[number]?.name === "udp");
  }

  get #slotBytes(): number {
    return this.#hasPayloads ? SLOT_BYTES_LONG : SLOT_BYTES_SHORT;
  }

  #connects(): Connector {
    this.#connector ??= openConnector(this.#options.plan.transport, this.#options.guard);
    return this.#connector;
  }
}

function noWay(because: string): Path {
  return { ...NO_FRAMES, kind: "none", isNear: false, isOwn: false, isDirect: false, because };
}
