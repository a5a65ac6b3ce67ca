import { describe, expect, test } from "vitest";
import { formatAddress } from "../target/address.js";
import { parseInetTable } from "./inet-table.js";
import { testTableReader } from "./table-text.test.data.js";

// Lines of Linux 4.15 and 6.18, as `cat /proc/net/tcp` and the like show them.
const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 3500007F:0035 00000000:0000 0A 00000000:00000003 00:00000000 00000000   101        0 17028 1 0000000000000000 100 0 0 10 0
   1: 0A0200C0:0016 4D0200C0:C942 01 00000024:00000000 01:00000017 00000000     0        0 17141 4 0000000000000000 22 4 27 10 -1
   2: 0100007F:C10E 0100007F:86C9 06 00000000:00000000 03:00001769 00000000     0        0 0 3 0000000000000000
   3: 0100007F:1538 0100007F:9D2A 03 00000000:00000000 01:00000062 00000000   108        0 0 1 0000000000000000
`;
const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:2382 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 17010 1 0000000000000000 100 0 0 10 0
   1: 0000000000000000FFFF00000100010A:94E0 0000000000000000FFFF00000700010A:00B3 01 00000000:00000000 00:00000000 00000000    92        0 28139 2 0000000000000000 20 0 0 10 -1
`;
const UDP = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  163: 3600007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   101        0 17038 2 0000000000000000 0
 5465: 0A0200C0:0044 00000000:0000 07 00000000:00000300 00:00000000 00000000   998        0 17093 2 0000000000000000 12
`;
const RAW6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
   58: 00000000000000000000000000000000:003A 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 17097 2 0000000000000000 0
`;
const ICMP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
    3: 00000000:1267 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 28313 2 0000000000000000 0
`;

describe("tcp", () => {
  testTableReader((text) => parseInetTable(text, "tcp", 4), TCP);

  test("queues, users, and connections that have no file", () => {
    const { sockets } = parseInetTable(TCP, "tcp", 4);
    const shown = sockets.map(
      ({ state, local, localPort, remote, remotePort, sendQueue, receiveQueue, uid, inode }) => [
        state,
        `${formatAddress(local)}:${localPort}`,
        `${formatAddress(remote)}:${remotePort}`,
        sendQueue,
        receiveQueue,
        uid,
        inode,
      ],
    );
    expect(shown).toEqual([
      ["listen", "127.0.0.53:53", "0.0.0.0:0", 0, 3, 101, 17_028],
      ["established", "192.0.2.10:22", "192.0.2.77:51522", 36, 0, 0, 17_141],
      ["time-wait", "127.0.0.1:49422", "127.0.0.1:34505", 0, 0, undefined, 0],
      ["syn-recv", "127.0.0.1:5432", "127.0.0.1:40234", 0, 0, 108, 0],
    ]);
  });
});

describe("tcp6", () => {
  testTableReader((text) => parseInetTable(text, "tcp", 6), TCP6);

  test("a socket of IPv6 that has a connection of IPv4", () => {
    const mapped = parseInetTable(TCP6, "tcp", 6).sockets[1];
    expect(mapped && [mapped.family, formatAddress(mapped.local), formatAddress(mapped.remote)]).toEqual([
      6,
      "::ffff:10.1.0.1",
      "::ffff:10.1.0.7",
    ]);
  });

  test("what the text does not say is not known", () => {
    expect(parseInetTable(TCP6, "tcp", 6).sockets[0]).toMatchObject({
      interfaceIndex: undefined,
      isV6Only: undefined,
      cgroupId: undefined,
    });
  });
});

describe("udp", () => testTableReader((text) => parseInetTable(text, "udp", 4), UDP));
describe("raw6", () => testTableReader((text) => parseInetTable(text, "raw", 6), RAW6));
describe("icmp", () => testTableReader((text) => parseInetTable(text, "icmp", 4), ICMP));

test("lines of the other family are faults", () => {
  expect(parseInetTable(TCP6, "tcp", 4)).toEqual({ sockets: [], faultCount: 2 });
  expect(parseInetTable(TCP, "tcp", 6)).toEqual({ sockets: [], faultCount: 4 });
});
