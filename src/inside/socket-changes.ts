// What has come and gone between two looks at the inside.
import { formatAddress } from "../target/address.js";
import type { InsideSocket, InsideView } from "./inside-view.js";

/** The difference of two views. */
export interface SocketChanges {
  readonly came: readonly InsideSocket[];
  readonly went: readonly InsideSocket[];
}

/** What is in one view and not in the other. A socket that was closed and opened again is both. */
export function socketChanges(before: InsideView, after: InsideView): SocketChanges {
  const old = byIdentity(before);
  const young = byIdentity(after);
  return {
    came: [...young].flatMap(([key, one]) => (old.has(key) ? [] : [one])),
    went: [...old].flatMap(([key, one]) => (young.has(key) ? [] : [one])),
  };
}

function byIdentity({ sockets }: InsideView): ReadonlyMap<string, InsideSocket> {
  return new Map(sockets.map((one) => [identityOf(one), one]));
}

/** Numbers of files are used again, so the address belongs to it; connections in time-wait have no number. */
function identityOf({ socket, namespace }: InsideSocket): string {
  const place = `${namespace.number ?? ""} ${socket.inode}`;
  switch (socket.kind) {
    case "inet": {
      const { protocol, family, local, localPort, remote, remotePort } = socket;
      const listens = socket.state === "listen" ? "listen" : "";
      return [
        place,
        protocol,
        family,
        formatAddress(local),
        localPort,
        formatAddress(remote),
        remotePort,
        listens,
      ].join(" ");
    }
    case "unix":
      return `${place} ${socket.path ?? ""}`;
    case "packet":
      return `${place} ${socket.interfaceIndex} ${socket.etherType}`;
  }
}
