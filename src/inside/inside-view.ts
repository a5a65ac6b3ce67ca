// The inside of a machine at one moment: sockets, who holds them, and from where they can be reached.
import type { KernelSocket } from "../linux/kernel-socket.js";
import type { Container } from "./container-cgroup.js";
import type { ContainerFacts } from "./container-facts.js";
import type { Gap } from "./gap.js";
import type { LocalNetwork } from "./local-network.js";
import type { Process } from "./process.js";
import type { PublishedPort } from "./published-port.js";
import type { Reach } from "./reach.js";

/** A network namespace, by what is known of it from outside. */
export interface NamespaceRef {
  /** The kernel's number of it, as in "net:[4026531840]"; undefined where it cannot be read. */
  readonly number: number | undefined;
  /** True for the namespace that postern runs in, or of the tree as a whole. */
  readonly isOwn: boolean;
  /** A name that ip-netns(8) or a container's runtime has given it. */
  readonly name: string | undefined;
  /** Processes that live in it; the first is the oldest by its number. */
  readonly pids: readonly number[];
}

/** A network namespace that was looked into. */
export interface NetworkNamespace extends NamespaceRef {
  readonly network: LocalNetwork;
}

/** A process with its descriptors of a socket. */
export interface Holder {
  readonly process: Process;
  readonly descriptors: readonly number[];
}

/**
 * Who has a socket:
 * - `processes`: those of `holders`;
 * - `kernel`: no process; `kernelOwner` says which part of the kernel, where that is known;
 * - `hidden`: this process may not see who;
 * - `none`: a connection that has been closed by its process and is wound up by the kernel.
 */
export type Ownership = "processes" | "kernel" | "hidden" | "none";

/** A socket, and what is known around it. */
export interface InsideSocket {
  readonly socket: KernelSocket;
  readonly namespace: NetworkNamespace;
  readonly ownership: Ownership;
  readonly holders: readonly Holder[];
  /** "WireGuard wg0", "NFS server"; undefined where it is not known, and for sockets of processes. */
  readonly kernelOwner: string | undefined;
  /** From where; undefined for connections, and for sockets without an address. */
  readonly reach: Reach | undefined;
}

/** A container, with what its runtime says of it; undefined where that is not known. */
export interface NamedContainer {
  readonly container: Container;
  readonly facts: ContainerFacts | undefined;
}

/** All that was read. */
export interface InsideView {
  readonly sockets: readonly InsideSocket[];
  readonly namespaces: readonly NetworkNamespace[];
  /** Containers of the processes that hold sockets, by id. */
  readonly containers: ReadonlyMap<string, NamedContainer>;
  /** The container that a namespace was made for. */
  readonly containerOfNamespace: ReadonlyMap<NetworkNamespace, NamedContainer>;
  /** Ports of this machine that lead elsewhere: to containers, mostly. */
  readonly published: readonly PublishedPort[];
  /** Those of them that lead to a socket that was read. */
  readonly publishedTo: ReadonlyMap<InsideSocket, readonly PublishedPort[]>;
  /** What is missing; empty when everything could be read. */
  readonly gaps: readonly Gap[];
}
