// Who has a port, as reports name it.
import type { InsideSocket } from "../../inside/inside-view.js";
import type { Process } from "../../inside/process.js";
import type { PortOwner } from "../../model/owner-event.js";

/** Who has the port that these sockets share; `undefined` where nothing of it could be seen. */
export function ownerOf(
  sockets: readonly InsideSocket[],
  userNames: ReadonlyMap<number, string>,
): PortOwner | undefined {
  const [first] = sockets;
  if (first === undefined) return undefined;
  const holders = new Map(sockets.flatMap((one) => one.holders.map(({ process }) => [process.pid, process] as const)));
  const [oldest] = [...holders.values()].sort((one, other) => one.pid - other.pid);
  if (oldest !== undefined) return processOwner(oldest, holders.size - 1, userNames);
  if (first.ownership === "kernel") return { kernel: first.kernelOwner ?? "kernel" };
  // The kernel tells everybody who has made a socket, and only root who has it now.
  const { uid } = first.socket;
  return uid === undefined ? undefined : { user: userText(uid, userNames) };
}

function processOwner(
  { pid, name, effectiveUid, cgroup }: Process,
  otherCount: number,
  userNames: ReadonlyMap<number, string>,
): PortOwner {
  const { unit, container } = cgroup ?? {};
  return {
    ...(name !== undefined && { process: name }),
    pid,
    ...(effectiveUid !== undefined && { user: userText(effectiveUid, userNames) }),
    ...(unit !== undefined && { unit }),
    ...(container !== undefined && { container: `${container.runtime} ${container.id}` }),
    ...(otherCount > 0 && { otherCount }),
  };
}

function userText(uid: number, userNames: ReadonlyMap<number, string>): string {
  return userNames.get(uid) ?? String(uid);
}
