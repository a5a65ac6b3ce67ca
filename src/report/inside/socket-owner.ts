// Who has a port, as reports name it.
import type { InsideSocket, InsideView } from "../../inside/inside-view.js";
import type { Process } from "../../inside/process.js";
import type { PortOwner } from "../../model/owner-event.js";

/** What is known of names. */
export interface OwnerNames {
  readonly userNames: ReadonlyMap<number, string>;
  readonly containers: InsideView["containers"];
}

/** Who has the port that these sockets share; `undefined` where nothing of it could be seen. */
export function ownerOf(sockets: readonly InsideSocket[], names: OwnerNames): PortOwner | undefined {
  const [first] = sockets;
  if (first === undefined) return undefined;
  const holders = new Map(sockets.flatMap((one) => one.holders.map(({ process }) => [process.pid, process] as const)));
  const [oldest] = [...holders.values()].sort((one, other) => one.pid - other.pid);
  if (oldest !== undefined) return processOwner(oldest, holders.size - 1, names);
  if (first.ownership === "kernel") return { kernel: first.kernelOwner ?? "kernel" };
  // The kernel tells everybody who has made a socket, and only root who has it now.
  const { uid } = first.socket;
  return uid === undefined ? undefined : { user: userText(uid, names) };
}

function processOwner(process: Process, otherCount: number, names: OwnerNames): PortOwner {
  const { pid, name, effectiveUid, controlGroup } = process;
  const unit = controlGroup?.userUnit ?? controlGroup?.unit;
  const container = containerText(process, names);
  return {
    ...(name !== undefined && { process: name }),
    pid,
    ...(effectiveUid !== undefined && { user: userText(effectiveUid, names) }),
    ...(unit !== undefined && { unit: unit.title }),
    ...(container !== undefined && { container }),
    ...(otherCount > 0 && { otherCount }),
  };
}

/** "docker web", with its whole id where its name is not known. */
function containerText({ controlGroup }: Process, { containers }: OwnerNames): string | undefined {
  const outermost = controlGroup?.containers[0];
  if (outermost === undefined) return undefined;
  const facts = containers.get(outermost.id)?.facts;
  return `${facts?.runtime ?? outermost.runtime} ${facts?.name ?? outermost.id}`;
}

function userText(uid: number, { userNames }: OwnerNames): string {
  return userNames.get(uid) ?? String(uid);
}
