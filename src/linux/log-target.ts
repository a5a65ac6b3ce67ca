// Where records of the system log go: the local socket, or a collector in the network. Framing: RFC 5424 over UDP (RFC
// 5426), TCP (RFC 6587 §3.4.1, octet counting) and TLS (RFC 5425 §4.3). The local socket takes the older form of RFC 3164
// §4.1 without a host, as syslog(3) sends it.
import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { PosternError, UnreachableError } from "../model/errors.js";
import { checked, libc } from "./libc.js";
import { AF_UNIX, MSG_DONTWAIT, SOCK_DGRAM } from "./socket-constants.js";

/** Where the local system log listens (syslog(3), _PATH_LOG). */
export const LOCAL_LOG = "/dev/log";

/** A collector that does not answer must not hold up a scan for longer. */
const CONNECT_LIMIT_MS = 5000;
/** RFC 5426 §3.2: what every receiver takes, by IPv4 and IPv6. */
const DATAGRAM_BYTES_MAX = 2048;

/** What a collector is reached by, and where it is. */
export interface LogAddress {
  readonly kind: "local" | "udp" | "tcp" | "tls";
  /** The socket's path, or a name or an address. */
  readonly host: string;
  /** 0 for the local log. */
  readonly port: number;
}

/** An open way to a log. */
export interface LogTarget {
  /**
   * Hands a record over. Resolves when the kernel has it; nobody says whether a collector has kept it.
   *
   * @throws PosternError when it cannot be handed over
   */
  send(record: string): Promise<void>;
  close(): void;
}

/**
 * Opens a way to a log.
 *
 * @throws SystemCallError when the local log is not there
 * @throws UnreachableError when a collector cannot be reached
 */
export async function openLogTarget(address: LogAddress): Promise<LogTarget> {
  switch (address.kind) {
    case "local":
      return openLocal(address.host);
    case "udp":
      return openUdp(address);
    case "tcp":
    case "tls":
      return openStream(address);
    default:
      return address.kind satisfies never;
  }
}

function openLocal(path: string): LogTarget {
  const calls = libc();
  const fd = checked("socket(AF_UNIX)", calls.socket(AF_UNIX, SOCK_DGRAM, 0));
  const name = Buffer.from(path);
  const address = new Uint8Array(2 + name.length + 1); // struct sockaddr_un: family, then the path with a zero at its end
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(name, 2);
  try {
    const hint = "is a system log running? --syslog-to names another one";
    checked("connect", calls.connect(fd, address, address.length), path, hint);
  } catch (error) {
    calls.close(fd);
    throw error;
  }
  return {
    async send(record) {
      const bytes = Buffer.from(record);
      checked("send", calls.send(fd, bytes, bytes.length, MSG_DONTWAIT), path);
    },
    close: () => void calls.close(fd),
  };
}

async function openUdp({ host, port }: LogAddress): Promise<LogTarget> {
  const found = await lookup(host).catch((error: unknown) => {
    throw notReached({ kind: "udp", host, port }, error);
  });
  const socket = createSocket(found.family === 6 ? "udp6" : "udp4");
  socket.on("error", () => {}); // an ICMP error to an earlier record is nobody's news
  return {
    send: (record) =>
      new Promise((resolve, reject) => {
        const bytes = Buffer.from(record).subarray(0, DATAGRAM_BYTES_MAX);
        socket.send(bytes, port, found.address, (error) => {
          if (error === null) resolve();
          else reject(notReached({ kind: "udp", host, port }, error));
        });
      }),
    close: () => socket.close(),
  };
}

async function openStream(address: LogAddress): Promise<LogTarget> {
  const socket = await connected(address);
  let fault: unknown;
  socket.on("error", (error) => {
    fault = error;
  });
  socket.unref(); // an idle collector keeps no program alive
  return {
    send: (record) =>
      new Promise((resolve, reject) => {
        if (fault !== undefined || socket.destroyed) {
          reject(notReached(address, fault));
          return;
        }
        socket.write(`${Buffer.byteLength(record)} ${record}`, (error) => {
          if (error === undefined || error === null) resolve();
          else reject(notReached(address, error));
        });
      }),
    close: () => socket.destroySoon(),
  };
}

function connected(address: LogAddress): Promise<Socket> {
  const { kind, host, port } = address;
  return new Promise((resolve, reject) => {
    const onReady = (): void => {
      clearTimeout(limit);
      socket.removeAllListeners("error");
      resolve(socket);
    };
    const serverName = isIP(host) === 0 ? { servername: host } : {}; // no address may stand there (RFC 6066 §3)
    const socket =
      kind === "tls" ? connectTls({ host, port, ...serverName }, onReady) : connectTcp({ host, port }, onReady);
    const limit = setTimeout(() => socket.destroy(new Error("no answer in 5 s")), CONNECT_LIMIT_MS);
    socket.on("error", (error) => {
      clearTimeout(limit);
      reject(notReached(address, error));
    });
  });
}

function notReached({ kind, host, port }: LogAddress, error: unknown): PosternError {
  if (error instanceof PosternError) return error;
  const why = error instanceof Error ? `: ${error.message}` : "";
  return new UnreachableError(`the log at ${kind}://${host}:${port} cannot be reached${why}`, {
    hint: "scan without --syslog-to, or mend the way to the collector",
    cause: error,
  });
}
