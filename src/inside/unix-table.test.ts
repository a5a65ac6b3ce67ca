import { describe, expect, test } from "vitest";
import { testTableReader } from "./table-text.test.data.js";
import { parseUnixTable } from "./unix-table.js";

const HEAD = "Num       RefCount Protocol Flags    Type St Inode Path\n";
const TABLE = `${HEAD}0000000000000000: 00000002 00000000 00010000 0001 01 17209 /run/systemd/private
0000000000000000: 00000003 00000000 00000000 0002 01 17228 /run/systemd/journal/dev-log
0000000000000000: 00000002 00000000 00010000 0005 01 17235 /run/udev/control
0000000000000000: 00000003 00000000 00000000 0001 03 17301 @/tmp/.X11-unix/X0
0000000000000000: 00000002 00000000 00000000 0001 01 17254
(____ptrval____): 00000002 00000000 00010000 0001 01     7 /run/a b:c
`;

describe("unix", () => {
  testTableReader(parseUnixTable, TABLE, true);

  test("kinds, states and names", () => {
    expect(parseUnixTable(TABLE).sockets.map(({ type, state, inode, path }) => [type, state, inode, path])).toEqual([
      ["stream", "listen", 17_209, "/run/systemd/private"],
      ["datagram", "unconnected", 17_228, "/run/systemd/journal/dev-log"],
      ["seqpacket", "listen", 17_235, "/run/udev/control"],
      ["stream", "established", 17_301, "@/tmp/.X11-unix/X0"],
      ["stream", "unconnected", 17_254, undefined],
      ["stream", "listen", 7, "/run/a b:c"],
    ]);
  });

  test("a line that belongs to no path is a fault of its own", () => {
    const row = "0000000000000000: 00000002 00000000 00000000 0001 01 17254\n";
    expect(parseUnixTable(`${HEAD}junk\n${row}junk\n${row}`)).toMatchObject({ sockets: [{}, {}], faultCount: 2 });
  });

  test("a path may have line feeds and escape sequences", () => {
    const odd = "/tmp/a\n\x1b[31mb\n\n 0: c";
    const { sockets, faultCount } = parseUnixTable(
      `${HEAD}0000000000000000: 00000002 00000000 00010000 0001 01 17209 ${odd}\n0000000000000000: 00000002 00000000 00010000 0001 01 17210 /x\n`,
    );
    expect(faultCount).toBe(0);
    expect(sockets.map(({ path }) => path)).toEqual([odd, "/x"]);
  });
});
