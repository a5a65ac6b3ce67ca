// The sockets of a host by the ports at which they wait, as an audit tells of them.
import type { InsideSocket, InsideView } from "../inside/inside-view.js";
import { type InsideInetSocket, OpenAt, type OwnAddress } from "../inside/open-at.js";
import { isLoopback, isUnspecified } from "../inside/reach.js";
import { isListening } from "../inside/socket-wish.js";
import type { InetSocket } from "../linux/kernel-socket.js";
import type { InsideFact } from "../model/audit-report.js";
import { type Address, formatAddress, unmapped } from "../target/address.js";
import type { AskedPort } from "../vantage/vantage.js";
import { endpointText } from "./case-words.js";

const INIT_PID = 1;

/** A socket of one of the two protocols that are audited. */
interface AuditedSocket extends InsideInetSocket {
  readonly socket: InetSocket & { readonly protocol: "tcp" | "udp" };
}

/** What waits on a host. */
export class InsidePlaces {
  /** Addresses that others can send to: neither loopback nor link-local ones. */
  readonly addresses: readonly Address[];
  readonly #openAt: OpenAt;
  readonly #own: ReadonlyMap<string, OwnAddress>;
  readonly #waiting: readonly AuditedSocket[];
  readonly #nameByIndex: ReadonlyMap<number, string>;
  readonly #view: InsideView;
  readonly #userNames: ReadonlyMap<number, string>;

  constructor(view: InsideView, userNames: ReadonlyMap<number, string>) {
    const network = view.namespaces.find(({ isOwn }) => isOwn)?.network;
    this.#nameByIndex = network?.nameByIndex ?? new Map();
    this.#view = view;
    this.#userNames = userNames;
    this.#waiting = view.sockets.filter(isAudited);
    this.#openAt = new OpenAt(
      this.#waiting,
      network ?? { addresses: [], nameByIndex: new Map(), routedInterfaces: new Set() },
    );
    const own = this.#openAt.addresses();
    this.#own = new Map(own.map((one) => [one.text, one]));
    this.addresses = own
      .map(({ address }) => address)
      .filter((address) => !isLoopback(address) && !isLinkLocal(address));
  }

  /** What takes what comes to a port of an address. */
  waitingAt(port: AskedPort): readonly InsideFact[] {
    return facts(this.#closestTo(port).map((one) => this.#factOf(one)));
  }

  /** True where all that waits there is bound to other interfaces than that one. */
  isBoundElsewhere(port: AskedPort, interfaceName: string): boolean {
    const all = this.#closestTo(port).map(({ socket }) => this.#boundInterface(socket));
    return all.length > 0 && all.every((name) => name !== undefined && name !== interfaceName);
  }

  /** Sockets with the port that are bound to a loopback address. */
  onLoopback({ protocol, port }: Pick<AskedPort, "protocol" | "port">): readonly InsideFact[] {
    const own = this.#waiting.filter(
      ({ socket }) => socket.protocol === protocol && socket.localPort === port && isLoopback(unmapped(socket.local)),
    );
    return facts(own.map((one) => this.#factOf(one)));
  }

  /** True where anything waits with the port that others could reach by some address. */
  isAwaited({ protocol, port }: Pick<AskedPort, "protocol" | "port">): boolean {
    return this.#waiting.some(
      ({ socket }) => socket.protocol === protocol && socket.localPort === port && !isLoopback(unmapped(socket.local)),
    );
  }

  /** The ports at which anything waits, on whatever address. */
  ports(): readonly Pick<AskedPort, "protocol" | "port">[] {
    const found = new Map<string, Pick<AskedPort, "protocol" | "port">>();
    for (const { socket } of this.#waiting) {
      const { protocol, localPort: port } = socket;
      found.set(`${protocol} ${port}`, { protocol, port });
    }
    return [...found.values()];
  }

  #closestTo({ address, protocol, port }: AskedPort): readonly InsideInetSocket[] {
    const own = this.#own.get(formatAddress(address));
    if (own === undefined) return [];
    const fitting = this.#openAt
      .at(own)
      .filter(({ one }) => one.socket.protocol === protocol && one.socket.localPort === port);
    const closest = Math.max(...fitting.map(({ closeness }) => closeness));
    return fitting.filter(({ closeness }) => closeness === closest).map(({ one }) => one);
  }

  #boundInterface({ interfaceIndex = 0 }: InetSocket): string | undefined {
    return interfaceIndex > 0 ? this.#nameByIndex.get(interfaceIndex) : undefined;
  }

  #factOf(one: InsideInetSocket): InsideFact {
    const { socket, holders, kernelOwner } = one;
    // What systemd listens at for a service it keeps beside it (systemd.socket(5)): who takes the connections tells more.
    const process = (holders.find((holder) => holder.process.pid !== INIT_PID) ?? holders[0])?.process;
    const container = process?.controlGroup?.containers.at(-1);
    const uid = process?.effectiveUid ?? socket.uid;
    return {
      bound: boundText(socket, this.#boundInterface(socket)),
      isLoopback: isLoopback(unmapped(socket.local)),
      process: process?.name ?? (process === undefined ? kernelOwner : undefined),
      pid: process?.pid,
      user: uid === undefined ? undefined : (this.#userNames.get(uid) ?? String(uid)),
      unit: process?.controlGroup?.unit?.name,
      container:
        container === undefined
          ? undefined
          : (this.#view.containers.get(container.id)?.facts?.name ?? container.id.slice(0, 12)),
      isDeleted: process?.executable?.isDeleted === true,
    };
  }
}

function isAudited(one: InsideSocket): one is AuditedSocket {
  const { socket, namespace } = one;
  return (
    namespace.isOwn &&
    socket.kind === "inet" &&
    (socket.protocol === "tcp" || socket.protocol === "udp") &&
    isListening(socket)
  );
}

/** Several sockets of one program with one address are one fact. */
function facts(all: readonly InsideFact[]): readonly InsideFact[] {
  return [...new Map(all.map((one) => [`${one.bound} ${one.pid} ${one.process}`, one])).values()];
}

/** As ss(8) writes it: "*:22" for a socket that takes both families, "0.0.0.0%eth0:68" for one bound to an interface. */
function boundText({ family, local, localPort, isV6Only }: InetSocket, interfaceName: string | undefined): string {
  const hasZone = local.family === 6 && local.zone !== undefined;
  const zone = interfaceName === undefined || hasZone ? "" : `%${interfaceName}`;
  if (family === 6 && isUnspecified(local) && isV6Only !== true) return `*${zone}:${localPort}`;
  return endpointText(`${formatAddress(unmapped(local))}${zone}`, localPort);
}

function isLinkLocal(address: Address): boolean {
  return address.family === 4
    ? address.value >>> 16 === 0xa9fe
    : address.bytes[0] === 0xfe && ((address.bytes[1] ?? 0) & 0xc0) === 0x80;
}
