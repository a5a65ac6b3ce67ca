import { describe, expect, test } from "vitest";
import { parsePacketTable } from "./packet-table.js";
import { testTableReader } from "./table-text.test.data.js";

const TABLE = `sk               RefCnt Type Proto  Iface R Rmem   User   Inode
0000000000000000 3      3    0003   3     1 2816   0      28289
0000000000000000 3      2    88cc   0     1 0      94     28297
00000000d1b5e0f2 3      10   0806   4     0 0      0      28306
`;

describe("packet", () => {
  testTableReader(parsePacketTable, TABLE);

  test("kinds, interfaces and queues", () => {
    expect(parsePacketTable(TABLE).sockets).toEqual([
      {
        kind: "packet",
        type: "raw",
        etherType: 3,
        interfaceIndex: 3,
        uid: 0,
        inode: 28_289,
        receiveQueue: 2816,
        sendQueue: 0,
      },
      {
        kind: "packet",
        type: "datagram",
        etherType: 0x88cc,
        interfaceIndex: 0,
        uid: 94,
        inode: 28_297,
        receiveQueue: 0,
        sendQueue: 0,
      },
      {
        kind: "packet",
        type: "type-10",
        etherType: 0x0806,
        interfaceIndex: 4,
        uid: 0,
        inode: 28_306,
        receiveQueue: 0,
        sendQueue: 0,
      },
    ]);
  });
});
