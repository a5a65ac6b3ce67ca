import fc from "fast-check";
import { expect, test } from "vitest";
import { ProcFiles } from "../linux/proc-files.js";
import { formatAddress } from "../target/address.js";
import { readTextNetwork } from "./network-text.js";
import { fixture, parseTree, procTrees } from "./proc-tree.test.data.js";

const treeOf = procTrees();

function network(files: Readonly<Record<string, string>>) {
  return readTextNetwork(new ProcFiles(treeOf({ files })), "net");
}

function shown({ addresses, nameByIndex, routedInterfaces }: ReturnType<typeof network>) {
  return {
    addresses: addresses.map(({ address, interfaceName }) => `${formatAddress(address)} ${interfaceName}`),
    names: [...nameByIndex].map(([index, name]) => `${index} ${name}`).toSorted(),
    routed: [...routedInterfaces].toSorted(),
  };
}

test("a server with one interface", () => {
  expect(shown(network(parseTree(fixture("debian-server.tree")).files))).toEqual({
    addresses: ["127.0.0.1 lo", "192.0.2.10 eth0", "2001:db8:2::10 eth0", "fe80::5054:ff:fe12:3456 eth0", "::1 lo"],
    names: ["1 lo", "3 eth0"],
    routed: ["eth0"],
  });
});

test("a router: an address of the loopback interface, and next hops in a network of its own", () => {
  const { addresses, names, routed } = shown(network(parseTree(fixture("router-node.tree")).files));
  expect(addresses).toContain("203.0.113.1 undefined");
  expect(addresses).toContain("10.99.0.1 wg0");
  expect(addresses).toContain("fe80::1 br0");
  expect(names).toEqual(expect.arrayContaining(["1 lo", "3 wan0", "4 br0"]));
  expect(routed).toEqual(["br0", "wan0"]);
});

test("nothing is known where there is nothing, or folders stand in place of files", () => {
  const nothing = { addresses: [], names: [], routed: [] };
  expect(shown(network({}))).toEqual(nothing);
  expect(shown(network({ "net/route/x": "", "net/fib_trie/x": "", "net/if_inet6/x": "" }))).toEqual(nothing);
});

test("no text makes it throw", () => {
  const line = fc.constantFrom(
    "eth0\t006433C6\t00000000\t0001\t0\t0\t0\tFCFFFFFF\t0\t0\t0\n",
    "           |-- 127.0.0.1\n",
    "              /32 host LOCAL\n",
    "000080fe00000000 04 40 20 80 br0\n",
    "2\teth0      :     1      V3\n",
    "|-- 999.1.1.1\n",
  );
  const text = fc.array(fc.oneof(line, fc.string({ unit: "binary", maxLength: 60 })), { maxLength: 12 });
  const property = fc.property(text, (lines) => {
    const all = lines.join("");
    network({ "net/route": all, "net/fib_trie": all, "net/if_inet6": all, "net/ipv6_route": all, "net/igmp": all });
  });
  fc.assert(property, { numRuns: 50 });
});
