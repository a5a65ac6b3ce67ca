import { describe, expect, test } from "vitest";
import { formatAddress } from "../target/address.js";
import { parseSctpAssociations, parseSctpEndpoints } from "./sctp-table.js";
import { testTableReader } from "./table-text.test.data.js";

// After sctp_eps_seq_show() and sctp_assocs_seq_show(), net/sctp/proc.c.
const ENDPOINTS = ` ENDPT     SOCK   STY SST HBKT LPORT   UID INODE LADDRS
00000000a1b2c3d4 00000000e5f60718 2   10  31   38412     0 28365 10.1.0.1 fd00:1::1 
00000000a1b2c3d5 00000000e5f60719 1   10  9    9899   1001 28366 0.0.0.0 
`;
const ASSOCIATIONS = ` ASSOC     SOCK   STY SST ST HBKT ASSOC-ID TX_QUEUE RX_QUEUE UID INODE LPORT RPORT LADDRS <-> RADDRS HBINT INS OUTS MAXRT T1X T2X RTXC wmema wmemq sndbuf rcvbuf
00000000a1b2c3d6 00000000e5f60720 2   1   3  0         7       12       34       0 28373 38412 9899  *10.1.0.1 fd00:1::1 <-> *10.1.0.44 fd00:1::44 \t    7500     2     2   10    0    0        0        1        0   212992   212992
00000000a1b2c3d7 00000000e5f60721 1   1   4  0         8        0        0    1001 28374 38413 9899  *fd00:1::1 <-> *fd00:1::44 \t    7500     2     2   10    0    0        0        1        0   212992   212992
`;

describe("eps", () => {
  testTableReader(parseSctpEndpoints, ENDPOINTS);

  test("all own addresses", () => {
    const [both, one] = parseSctpEndpoints(ENDPOINTS).sockets;
    expect(both?.moreLocals?.map(formatAddress)).toEqual(["fd00:1::1"]);
    expect(both && [formatAddress(both.local), both.localPort, both.state, both.inode, both.family]).toEqual([
      "10.1.0.1",
      38_412,
      "listen",
      28_365,
      4,
    ]);
    expect(one && "moreLocals" in one).toBe(false);
    expect(one?.uid).toBe(1001);
  });
});

describe("assocs", () => {
  testTableReader(parseSctpAssociations, ASSOCIATIONS);

  test("both ends, queues and the association's own states", () => {
    const { sockets } = parseSctpAssociations(ASSOCIATIONS);
    const shown = sockets.map(({ state, local, remote, remotePort, sendQueue, receiveQueue }) => [
      state,
      formatAddress(local),
      formatAddress(remote),
      remotePort,
      sendQueue,
      receiveQueue,
    ]);
    expect(shown).toEqual([
      ["established", "10.1.0.1", "10.1.0.44", 9899, 12, 34],
      ["shutdown-pending", "fd00:1::1", "fd00:1::44", 9899, 0, 0],
    ]);
  });
});
