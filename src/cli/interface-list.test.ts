import { expect, it } from "vitest";
import type { Interface } from "../linux/interfaces.js";
import type { ListedRoute } from "../linux/route-list.js";
import { type Address, parseAddress } from "../target/address.js";
import { interfaceList, interfaceListText } from "./interface-list.js";

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
}

const LOOPBACK: Interface = {
  index: 1,
  name: "lo",
  mac: undefined,
  hasNeighbours: false,
  isUp: true,
  isRunning: true,
  isLoopback: true,
  mtuBytes: 65_536,
  addresses: [{ address: address("127.0.0.1"), prefix: 8 }],
};
const CARD: Interface = {
  ...LOOPBACK,
  index: 2,
  name: "eth0",
  mac: Uint8Array.of(2, 0, 0, 0, 0, 1),
  hasNeighbours: true,
  isLoopback: false,
  mtuBytes: 1500,
  addresses: [
    { address: address("10.0.0.2"), prefix: 24 },
    { address: address("fe80::1%eth0"), prefix: 64 },
  ],
};
const ROUTE: ListedRoute = {
  target: address("0.0.0.0"),
  prefix: 0,
  device: "eth0",
  metric: 100,
  gateway: address("10.0.0.1"),
  table: 254,
};

it("shows interfaces and routes in nmap's tables", () => {
  const unplugged = { ...CARD, name: "eth1", addresses: [], isRunning: false };
  const dark = { ...CARD, name: "eth2\u001b", mac: undefined, addresses: [], isUp: false, hasNeighbours: false };
  const other = { ...ROUTE, target: address("fd00::"), prefix: 64, device: "blackhole", gateway: undefined, table: 7 };
  expect(interfaceListText([LOOPBACK, CARD, unplugged, dark], [ROUTE, other])).toBe(`Interfaces:
DEV      IP/MASK         TYPE     UP         MTU   MAC
lo       127.0.0.1/8     loopback up         65536
eth0     10.0.0.2/24     ethernet up         1500  02:00:00:00:00:01
eth0     fe80::1%eth0/64 ethernet up         1500  02:00:00:00:00:01
eth1     (none)          ethernet no carrier 1500  02:00:00:00:00:01
eth2\\x1b (none)          other    down       1500

Routes:
DST/MASK  DEV       METRIC GATEWAY  TABLE
0.0.0.0/0 eth0      100    10.0.0.1
fd00::/64 blackhole 100             7
`);
  expect(interfaceListText([LOOPBACK], [])).toMatch(/\nRoutes:\nnone\n$/);
});

it.skipIf(process.platform !== "linux")("reads them from the kernel", () => {
  expect(interfaceList()).toMatch(
    /^Interfaces:\nDEV +IP\/MASK +TYPE +UP +MTU +MAC\n(.*\n)*lo +127\.0\.0\.1\/8 +loopback /,
  );
});
