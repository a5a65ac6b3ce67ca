import { expect, test } from "vitest";
import type { InetSocket } from "../linux/kernel-socket.js";
import { parseAddress } from "../target/address.js";
import type { LocalNetwork } from "./local-network.js";
import { isLoopback, isUnspecified, reachOf } from "./reach.js";

function addressOf(text: string) {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(text);
  return address;
}

function socketAt(local: string, more: Partial<InetSocket> = {}): InetSocket {
  const address = addressOf(local);
  return {
    kind: "inet",
    protocol: "tcp",
    family: address.family,
    state: "listen",
    local: address,
    localPort: 80,
    remote: address,
    remotePort: 0,
    uid: 0,
    inode: 1,
    sendQueue: 0,
    receiveQueue: 0,
    interfaceIndex: 0,
    isV6Only: address.family === 6 ? true : undefined,
    cgroupId: undefined,
    ...more,
  };
}

function networkOf(addresses: readonly string[], routed: readonly string[], names: readonly string[]): LocalNetwork {
  return {
    addresses: addresses.map((text) => {
      const [address = "", interfaceName] = text.split(" ");
      return { address: addressOf(address), interfaceName };
    }),
    nameByIndex: new Map(names.map((name, at) => [at + 1, name])),
    routedInterfaces: new Set(routed),
  };
}

/** eth0 has a router, docker0 has not; the Internet's address of the second line is on lo. */
const HOST = networkOf(
  [
    "127.0.0.1 lo",
    "203.0.113.1 lo",
    "192.0.2.10 eth0",
    "172.17.0.1 docker0",
    "::1 lo",
    "2001:db8::10 eth0",
    "fe80::1 docker0",
  ],
  ["eth0"],
  ["lo", "eth0", "docker0"],
);
const ALONE = networkOf(["127.0.0.1 lo", "::1 lo"], [], ["lo"]);
const LINK_ONLY = networkOf(["127.0.0.1 lo", "10.0.0.1 eth0"], [], ["lo", "eth0"]);

type Case = readonly [what: string, socket: InetSocket, network: LocalNetwork, shown: string];

const CASES: readonly Case[] = [
  ["127.0.0.1", socketAt("127.0.0.1"), HOST, "machine"],
  ["another of 127.0.0.0/8", socketAt("127.0.0.53"), HOST, "machine"],
  ["::1", socketAt("::1"), HOST, "machine"],
  ["127.0.0.1 on a socket of IPv6", socketAt("::ffff:127.0.0.1"), HOST, "machine"],
  ["all addresses", socketAt("0.0.0.0"), HOST, "everywhere"],
  ["all addresses of both families", socketAt("::", { isV6Only: false }), HOST, "everywhere"],
  ["all addresses where only loopback has any", socketAt("0.0.0.0"), ALONE, "machine"],
  ["all addresses without a router", socketAt("0.0.0.0"), LINK_ONLY, "link eth0"],
  ["all of IPv6 where there is none", socketAt("::"), LINK_ONLY, "machine"],
  ["all of IPv6 and IPv4 where there is no IPv6", socketAt("::", { isV6Only: false }), LINK_ONLY, "link eth0"],
  ["an own address with a router", socketAt("192.0.2.10"), HOST, "everywhere eth0"],
  ["the same on a socket of IPv6", socketAt("::ffff:192.0.2.10"), HOST, "everywhere eth0"],
  ["an own address without a router", socketAt("172.17.0.1"), HOST, "link docker0"],
  ["an own address of the loopback interface", socketAt("203.0.113.1"), HOST, "everywhere"],
  ["an address that is not ours", socketAt("198.51.100.9"), HOST, "nowhere"],
  ["a link-local address", socketAt("fe80::1"), HOST, "link docker0"],
  ["a link-local address bound to a link", socketAt("fe80::9", { interfaceIndex: 3 }), HOST, "link docker0"],
  ["a group", socketAt("224.0.0.251"), HOST, "link"],
  ["a group of IPv6 on a link", socketAt("ff02::fb", { interfaceIndex: 2 }), HOST, "link eth0"],
  ["the limited broadcast address", socketAt("255.255.255.255"), HOST, "link"],
  ["an address of RFC 3927", socketAt("169.254.1.1"), HOST, "link"],
  ["bound to the loopback interface", socketAt("0.0.0.0", { interfaceIndex: 1 }), HOST, "machine"],
  ["bound to a link", socketAt("0.0.0.0", { interfaceIndex: 3 }), HOST, "link docker0"],
  ["bound to a link with a router", socketAt("0.0.0.0", { interfaceIndex: 2 }), HOST, "everywhere eth0"],
  ["in an empty network", socketAt("0.0.0.0"), networkOf([], [], []), "unknown"],
  ["an address in an empty network", socketAt("192.0.2.10"), networkOf([], [], []), "unknown"],
];

test.each(CASES)("%s", (_what, socket, network, shown) => {
  const { kind, interfaces } = reachOf(socket, network, true);
  expect([kind, ...interfaces].join(" ")).toBe(shown);
});

test("in another namespace nothing is everywhere", () => {
  expect(reachOf(socketAt("0.0.0.0"), HOST, false).kind).toBe("link");
  expect(reachOf(socketAt("127.0.0.1"), HOST, false).kind).toBe("machine");
});

test("an interface that is not known by its number limits nothing", () => {
  expect(reachOf(socketAt("0.0.0.0", { interfaceIndex: 77 }), HOST, true).kind).toBe("everywhere");
});

test("loopback and all addresses", () => {
  expect(["127.0.0.1", "127.255.1.2", "::1", "::ffff:127.0.0.1"].every((text) => isLoopback(addressOf(text)))).toBe(
    true,
  );
  expect(["128.0.0.1", "::2", "::", "1::1", "::ffff:10.0.0.1"].some((text) => isLoopback(addressOf(text)))).toBe(false);
  expect(["0.0.0.0", "::", "::ffff:0.0.0.0"].every((text) => isUnspecified(addressOf(text)))).toBe(true);
});
