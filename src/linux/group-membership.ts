// Membership in the solicited-node groups of borrowed addresses, by IPV6_JOIN_GROUP (ipv6(7)), without which neither the
// card nor a switch that snoops MLD (RFC 4541 §3) hands us the questions for them. The kernel sends the MLD reports.
import { EADDRINUSE } from "./errno.js";
import { checked, int32, libc } from "./libc.js";
import { AF_INET6, IPPROTO_IPV6, SOCK_DGRAM } from "./socket-constants.js";

const IPV6_JOIN_GROUP = 20;
/** A socket's memberships come out of net.core.optmem_max, once 20 KiB: each takes less than 100 bytes. */
const GROUPS_A_SOCKET = 128;

/** Memberships on one interface, for as long as this is open. */
export class GroupMembership {
  private readonly interfaceIndex: number;
  private readonly fds: number[] = [];
  private count = 0;

  constructor(interfaceIndex: number) {
    this.interfaceIndex = interfaceIndex;
  }

  /**
   * Joins the group of 16 bytes. False when the kernel does not let us.
   *
   * @throws SystemCallError when no socket can be had
   */
  join(group: Uint8Array): boolean {
    if (this.count++ % GROUPS_A_SOCKET === 0) {
      this.fds.push(checked("socket(AF_INET6)", libc().socket(AF_INET6, SOCK_DGRAM, 0)));
    }
    const request = new Uint8Array(20); // struct ipv6_mreq { struct in6_addr; int ifindex }
    request.set(group);
    request.set(int32(this.interfaceIndex), 16);
    const result = libc().setsockopt(this.fds.at(-1) ?? -1, IPPROTO_IPV6, IPV6_JOIN_GROUP, request, request.length);
    return result === 0 || libc().errno() === EADDRINUSE; // two addresses can share a group
  }

  /** Leaves all groups. */
  async close(): Promise<void> {
    await Promise.all(this.fds.map((fd) => libc().closeElsewhere(fd)));
  }
}
