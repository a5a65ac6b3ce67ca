// The two places that the inside is read from: this machine as it runs, or a tree of files such as /proc of another.
import type { KernelListeners } from "../linux/kernel-listener.js";
import {
  inNetworkNamespace,
  listNamedNamespaces,
  type NamedNamespace,
  type NetworkNamespace as NamespacePath,
} from "../linux/network-namespace.js";
import { isReadFault, ProcFiles } from "../linux/proc-files.js";
import { PrivilegeError, SystemCallError } from "../model/errors.js";
import { ContainerNames } from "./container-names.js";
import { processNumbers } from "./descriptor-walk.js";
import { enteredSource, goneSource } from "./entered-source.js";
import type { Gap } from "./gap.js";
import type { InsideView, NamespaceRef } from "./inside-view.js";
import { KernelOwners, NOTHING, servicePorts, tunnelPorts } from "./kernel-owners.js";
import { liveSource } from "./live-source.js";
import { nameContainers } from "./name-containers.js";
import { readInside } from "./read-inside.js";
import { sightLimits } from "./sight-limits.js";
import { type SocketSource, textSource } from "./socket-source.js";
import type { SocketWish } from "./socket-wish.js";

/** What is wanted of the inside. */
export interface InsideWish {
  readonly wish: SocketWish;
  readonly onlyOwnNamespace: boolean;
}

/** What whoever made a tree knows of it. */
export interface TreeKnowledge {
  /** Why descriptors are missing in it: a clause. */
  readonly blindness?: string | undefined;
}

/** Reads a tree of files that looks like /proc: nothing but its text counts, and what is known of it. */
export async function readInsideTree(
  root: string,
  { wish, onlyOwnNamespace }: InsideWish,
  { blindness }: TreeKnowledge = {},
): Promise<InsideView> {
  const files = new ProcFiles(root);
  const nothing = hasDescriptors(files) ? undefined : "there are no descriptors of processes in the tree";
  return readInside({
    files,
    wish,
    onlyOwnNamespace,
    namedNamespaces: [],
    blindness: blindness ?? nothing,
    sourceOf: (namespace) => textSource(files, folderOf(files, namespace) ?? `${namespace.pids[0]}/net`),
    kernelOwnerOf: () => undefined,
  });
}

/** Archives for support often have the tables of /proc/net, and nothing of the processes. */
function hasDescriptors(files: ProcFiles): boolean {
  return processNumbers(files).some((pid) => !isReadFault(files.names(`${pid}/fd`)));
}

/** Reads this machine as it is now, but for the ports that lead elsewhere. */
export async function readInsideLive({ wish, onlyOwnNamespace }: InsideWish): Promise<InsideView> {
  const files = new ProcFiles("/proc");
  const named = onlyOwnNamespace ? [] : listNamedNamespaces();
  const owners = new Map<number | undefined, KernelOwners>();
  const view = await readInside({
    files,
    wish,
    onlyOwnNamespace,
    namedNamespaces: named.map(({ inode, name }) => ({ number: inode, name })),
    blindness: sightLimits(files),
    sourceOf: (namespace) => liveNamespace(files, namespace, named),
    kernelOwnerOf(socket, namespace, isCertainOnly) {
      const known = owners.get(namespace.number) ?? new KernelOwners(() => kernelPorts(files, namespace, named));
      owners.set(namespace.number, known);
      return known.ownerOf(socket, isCertainOnly);
    },
  });
  const refusals = [...owners.values()].flatMap(({ refusals: own }) => own).map(refusalGap);
  return nameContainers(
    { ...view, gaps: [...view.gaps, ...refusals] },
    files,
    new ContainerNames({ root: "", homes: [] }),
  );
}

function liveNamespace(files: ProcFiles, namespace: NamespaceRef, named: readonly NamedNamespace[]): SocketSource {
  if (namespace.isOwn) return liveSource(files);
  const path = pathOf(files, namespace, named);
  // Its processes have ended, and it with them.
  return path === undefined ? goneSource : enteredSource(files, path, folderOf(files, namespace));
}

function refusalGap(why: string): Gap {
  return { code: "denied", what: "which part of the kernel has some sockets", why };
}

function kernelPorts(files: ProcFiles, namespace: NamespaceRef, named: readonly NamedNamespace[]): KernelListeners {
  if (namespace.isOwn) {
    const [tunnels, services] = [tunnelPorts(), servicePorts(files)];
    return {
      listeners: [...tunnels.listeners, ...services.listeners],
      refusals: [...tunnels.refusals, ...services.refusals],
    };
  }
  const path = pathOf(files, namespace, named);
  if (path === undefined) return NOTHING;
  try {
    return inNetworkNamespace(path, tunnelPorts);
  } catch (error) {
    if (error instanceof PrivilegeError || error instanceof SystemCallError) return NOTHING;
    throw error;
  }
}

/** A file that leads into the namespace: its name, or that of one of its processes. */
function pathOf(
  files: ProcFiles,
  namespace: NamespaceRef,
  named: readonly NamedNamespace[],
): NamespacePath | undefined {
  const { number } = namespace;
  if (number === undefined) return undefined;
  const byName = named.find(({ inode }) => inode === number);
  if (byName !== undefined) return byName;
  const pid = livingPid(files, namespace);
  return pid === undefined ? undefined : { inode: number, path: `/proc/${pid}/ns/net` };
}

/** The folder of a namespace's tables: that of one of its processes shows them. */
function folderOf(files: ProcFiles, namespace: NamespaceRef): string | undefined {
  if (namespace.isOwn) return "net";
  const pid = livingPid(files, namespace);
  return pid === undefined ? undefined : `${pid}/net`;
}

/** The oldest process that still shows the namespace: others may have ended since they were listed. */
function livingPid(files: ProcFiles, { pids }: NamespaceRef): number | undefined {
  return pids.find((pid) => !isReadFault(files.names(`${pid}/net`)));
}
