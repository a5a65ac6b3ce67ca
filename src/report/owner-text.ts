// Who has a port, as people read it in tables.
import type { PortOwner } from "../model/owner-event.js";

/** "sshd[812]", "nginx[33] +2", "kernel: NFS server"; `undefined` where neither process nor kernel is known. As it came: not yet printable. */
export function ownerName({ process, pid, kernel, otherCount = 0 }: PortOwner): string | undefined {
  if (kernel !== undefined) return kernel === "kernel" ? kernel : `kernel: ${kernel}`;
  if (process === undefined && pid === undefined) return undefined;
  const number = pid === undefined ? "" : `[${pid}]`;
  return `${process ?? "?"}${number}${otherCount > 0 ? ` +${otherCount}` : ""}`;
}

/** Where it runs: the container, else the unit. */
export function ownerPlace({ container, unit }: PortOwner): string | undefined {
  return container ?? unit;
}
