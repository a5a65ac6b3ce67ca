// Who has an open port: what only a host's own kernel can tell, and no scan from outside but one that asks identd (RFC 1413).
import type { Protocol } from "./scan-event.js";

/** How a report names that no probe was sent: the host's own kernel was asked which sockets wait. */
export const SOCKETS_TECHNIQUE = "sockets";

/** Who has a port. Only what is known is there; all names may have been chosen by whoever runs there. */
export interface PortOwner {
  /** The name of its process. */
  readonly process?: string;
  readonly pid?: number;
  /** Its user's name, or number where there is no name. */
  readonly user?: string;
  /** The unit of systemd: "ssh.service". */
  readonly unit?: string;
  /** Runtime, and name or identifier: "docker web". */
  readonly container?: string;
  /** The part of the kernel that has it, where no process does: "WireGuard wg0"; "kernel" where that is not known. */
  readonly kernel?: string;
  /** Further processes that have the port, too; 0 is left out. */
  readonly otherCount?: number;
}

/** Who has an open port is known; comes after the port itself. */
export interface OwnerEvent {
  readonly type: "owner";
  readonly hostId: number;
  readonly protocol: Protocol;
  readonly port: number;
  readonly owner: PortOwner;
}
