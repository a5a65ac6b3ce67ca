// What the readers of the families make of the kernel's messages: recorded ones, and such as no kernel here can send.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatAddress, parseAddress } from "../target/address.js";
import type { InetSocket } from "./kernel-socket.js";
import {
  attribute,
  joined,
  message,
  PACKET_ANSWER,
  TCP_ANSWER,
  TCP6_ANSWER,
  UDP_ANSWER,
  UNIX_ANSWER,
} from "./netlink-bytes.test.data.js";
import { walkMessages } from "./netlink-message.js";
import type { DumpReader } from "./sock-diag.js";
import { type DiagProtocol, InetReader } from "./sock-diag-inet.js";
import { packetReader } from "./sock-diag-packet.js";
import { UnixReader } from "./sock-diag-unix.js";

function read<Socket>(reader: DumpReader<Socket>, bytes: Uint8Array): Socket[] {
  const sockets: Socket[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  walkMessages(view, 1, { errno: undefined, isTorn: false, isDump: true }, (_type, at, end) => {
    const socket = reader.read(view, at, end);
    if (socket !== undefined) sockets.push(socket);
  });
  return sockets;
}

const shown = ({ local, localPort, remote, remotePort, moreLocals = [] }: InetSocket): string =>
  [
    `${formatAddress(local)} ${localPort}`,
    ...moreLocals.map(formatAddress),
    `${formatAddress(remote)} ${remotePort}`,
  ].join(", ");

describe("recorded answers", () => {
  test("a TCP socket of IPv6", () => {
    expect(read(new InetReader("tcp", 6), TCP6_ANSWER)).toEqual([
      {
        kind: "inet",
        protocol: "tcp",
        family: 6,
        state: "listen",
        local: parseAddress("::1"),
        localPort: 8443,
        remote: parseAddress("::"),
        remotePort: 0,
        receiveQueue: 0,
        sendQueue: 5,
        inode: 0x5513a1,
        uid: 0,
        interfaceIndex: 0,
        isV6Only: true,
        cgroupId: 1,
      },
    ]);
  });

  test("TCP: a socket that listens, and both ends of a connection", () => {
    const sockets = read(new InetReader("tcp", 4), TCP_ANSWER);
    expect(sockets.map((one) => [one.state, shown(one), one.receiveQueue, one.sendQueue, one.isV6Only])).toEqual([
      ["listen", "127.0.0.1 8080, 0.0.0.0 0", 0, 9, undefined],
      ["established", "127.0.0.1 8080, 127.0.0.1 42330", 0, 0, undefined],
      ["established", "127.0.0.1 42330, 127.0.0.1 8080", 5, 0, undefined],
    ]);
    expect(sockets[0]?.local).toBe(sockets[1]?.local); // shared: 100,000 connections have few own addresses
  });

  test("UDP, bound to an interface", () => {
    const sockets = read(new InetReader("udp", 4), UDP_ANSWER);
    expect(sockets.map((one) => [one.state, shown(one), one.interfaceIndex])).toEqual([
      ["unconnected", "0.0.0.0 4789, 0.0.0.0 0", 0],
      ["unconnected", "0.0.0.0 5353, 0.0.0.0 0", 1],
    ]);
  });

  test("Unix: both ends of a pair, and an abstract name of odd bytes", () => {
    const common = { kind: "unix", type: "stream", uid: 0, receiveQueue: 0 };
    const door = { ...common, state: "listen", path: "@door@\x1b[31m\\xff", sendQueue: 3, inode: 0x5513a6 };
    expect(read(new UnixReader("all"), UNIX_ANSWER)).toEqual([
      { ...common, state: "established", path: undefined, peer: 0x5513a8, sendQueue: 0, inode: 0x5513a7 },
      { ...common, state: "established", path: undefined, peer: 0x5513a7, sendQueue: 0, inode: 0x5513a8 },
      { ...door, peer: undefined },
    ]);
    expect(read(new UnixReader("listening"), UNIX_ANSWER)).toEqual([{ ...door, peer: undefined }]);
  });

  test("a packet socket", () => {
    expect(read(packetReader, PACKET_ANSWER)).toEqual([
      {
        kind: "packet",
        type: "datagram",
        etherType: 0x0806,
        interfaceIndex: 1,
        uid: 0,
        inode: 0x5513a9,
        receiveQueue: 0,
        sendQueue: 0,
      },
    ]);
  });
});

/** struct inet_diag_msg and attributes. */
function inetMessage(
  { family = 2, state = 7, ports = [0, 0], inode = 9, uid = 1000 },
  ...attributes: readonly Uint8Array[]
): Uint8Array {
  const body = new Uint8Array(72);
  const view = new DataView(body.buffer);
  body.set([family, state]);
  view.setUint16(4, ports[0] ?? 0);
  view.setUint16(6, ports[1] ?? 0);
  view.setUint32(64, uid, true);
  view.setUint32(68, inode, true);
  return message(20, 2, body, ...attributes);
}

/** struct sockaddr_storage. */
function storage(text: string): Uint8Array {
  const bytes = new Uint8Array(128);
  const address = parseAddress(text);
  bytes[0] = address?.family === 6 ? 10 : 2;
  if (address?.family === 6) bytes.set(address.bytes, 8);
  else new DataView(bytes.buffer).setUint32(4, address?.value ?? 0);
  return bytes;
}

const LOCALS = 12;
const PEERS = 13;

describe("messages after the kernel's headers", () => {
  test("a raw socket's port is its protocol, also where that stands in an attribute", () => {
    const bytes = joined(
      inetMessage({ ports: [255, 0] }, attribute(10, new Uint8Array([1]))),
      inetMessage({ ports: [89, 0] }),
    );
    expect(read(new InetReader("raw", 4), bytes).map(({ localPort }) => localPort)).toEqual([1, 89]);
  });

  test("without a file the user is not known, whatever stands there", () => {
    const bytes = joined(inetMessage({ state: 6, inode: 0, uid: 0 }), inetMessage({ state: 12, uid: 7 }));
    expect(read(new InetReader("tcp", 4), bytes).map(({ state, uid }) => [state, uid])).toEqual([
      ["time-wait", undefined],
      ["syn-recv", 7],
    ]);
  });

  test("states without a name keep their number, and those that nobody wants are left out", () => {
    const bytes = joined(inetMessage({ state: 13 }), inetMessage({ state: 30 }), inetMessage({ state: 10 }));
    expect(read(new InetReader("tcp", 4), bytes).map(({ state }) => state)).toEqual([
      "bound-inactive",
      "state-30",
      "listen",
    ]);
    expect(read(new InetReader("tcp", 4, 1 << 10), bytes).map(({ state }) => state)).toEqual(["listen"]);
  });

  test("another family is no socket", () => {
    expect(read(new InetReader("tcp", 6), TCP_ANSWER)).toEqual([]);
    expect(read(new UnixReader("all"), TCP_ANSWER)).toEqual([]);
    expect(read(packetReader, TCP_ANSWER)).toEqual([]);
  });

  test("SCTP: a socket with several addresses, and its associations", () => {
    const own = attribute(LOCALS, joined(storage("0.0.0.0"), storage("192.0.2.1"), storage("192.0.2.2")));
    const bytes = joined(
      inetMessage({ state: 10, ports: [3868, 0] }, own),
      inetMessage({ state: 10, ports: [3868, 0] }, own), // once more, before its associations
      inetMessage(
        { state: 3, ports: [3868, 5000] },
        attribute(LOCALS, storage("192.0.2.1")),
        attribute(PEERS, storage("192.0.2.9")),
      ),
    );
    const sockets = read(new InetReader("sctp", 4), bytes);
    expect(sockets.map((one) => [one.state, shown(one), one.interfaceIndex])).toEqual([
      ["listen", "0.0.0.0 3868, 192.0.2.1, 192.0.2.2, 0.0.0.0 0", 0],
      ["established", "192.0.2.1 3868, 0.0.0.0 5000", undefined],
    ]);
  });

  test("SCTP: an association of IPv4 on a socket of IPv6", () => {
    const peers = attribute(PEERS, storage("192.0.2.9"));
    const bytes = inetMessage({ family: 10, state: 1, ports: [1, 2] }, attribute(LOCALS, storage("192.0.2.1")), peers);
    const sockets = read(new InetReader("sctp", 6), bytes);
    expect(sockets.map((one) => [one.state, shown(one)])).toEqual([
      ["cookie-wait", "::ffff:192.0.2.1 1, ::ffff:192.0.2.9 2"],
    ]);
  });

  test("Unix: a datagram socket takes from anybody until it has a peer, whatever its state", () => {
    const unix = (type: number, state: number, ...attributes: readonly Uint8Array[]) =>
      message(20, 2, new Uint8Array([1, type, state, 0, type, 0, 0, 0]), new Uint8Array(8), ...attributes);
    const peer = attribute(2, new Uint8Array([7, 0, 0, 0]));
    const bytes = joined(
      unix(2, 1),
      unix(2, 1, peer),
      unix(2, 7),
      unix(1, 7),
      unix(1, 1, peer),
      unix(5, 10),
      unix(9, 2),
    );
    expect(read(new UnixReader("listening"), bytes).map(({ type, state }) => `${type} ${state}`)).toEqual([
      "datagram established",
      "datagram unconnected",
      "seqpacket listen",
    ]);
    expect(read(new UnixReader("all"), bytes).at(-1)).toMatchObject({ type: "type-9", state: "syn-sent" });
  });

  test("a packet socket whose interface is gone", () => {
    const gone = attribute(0, new Uint8Array([0xff, 0xff, 0xff, 0xff]));
    const bytes = message(20, 2, new Uint8Array([17, 10, 3, 0]), new Uint8Array(12), gone);
    expect(read(packetReader, bytes)).toMatchObject([{ type: "type-10", etherType: 3, interfaceIndex: -1 }]);
  });
});

const READERS: Readonly<Record<string, () => DumpReader<unknown>>> = {
  ...Object.fromEntries(
    (["tcp", "udp", "sctp", "raw"] satisfies DiagProtocol[]).flatMap((protocol) => [
      [`${protocol} 4`, () => new InetReader(protocol, 4)],
      [`${protocol} 6`, () => new InetReader(protocol, 6)],
    ]),
  ),
  unix: () => new UnixReader("all"),
  packet: () => packetReader,
};

describe.each(Object.keys(READERS))("hostile bytes: %s", (name) => {
  const reader = (): DumpReader<unknown> => READERS[name]?.() ?? packetReader;
  const family = name === "unix" ? 1 : name === "packet" ? 17 : name.endsWith("6") ? 10 : 2;

  test("recorded messages, cut at every length", () => {
    for (const bytes of [TCP_ANSWER, TCP6_ANSWER, UNIX_ANSWER, PACKET_ANSWER]) {
      for (let end = 16; end < bytes.length; end++) {
        const cut = bytes.slice(0, end);
        expect(() => reader().read(new DataView(cut.buffer), 16, end)).not.toThrow();
      }
    }
  });

  test("no bytes at all make a reader throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), (bytes) => {
        const mine = bytes.slice();
        mine[0] = family;
        reader().read(new DataView(mine.buffer), 0, mine.length);
      }),
    );
  });
});
