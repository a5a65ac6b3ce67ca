// What the kernel was seen to answer (lab/firewall/reach-trial.ts).
import { describe, expect, it } from "vitest";
import { parseAddress } from "../../target/address.js";
import type { HostEnvironment, QuestionPacket } from "../packet-question.js";
import { fibReader } from "./fib-field.js";
import type { Reading } from "./reading.js";
import { RouteTable } from "./route-table.js";
import { WalkState } from "./walk-state.js";

function address(text: string): QuestionPacket["source"] {
  const found = parseAddress(text);
  if (found === undefined) throw new Error(text);
  return found;
}

const HOST: HostEnvironment = {
  interfaces: [
    {
      name: "eth0",
      addresses: [
        { address: address("203.0.113.10"), prefix: 24 },
        { address: address("2001:db8:1::10"), prefix: 64 },
        { address: address("fe80::10"), prefix: 64 },
      ],
    },
    {
      name: "eth1",
      addresses: [
        { address: address("192.168.1.1"), prefix: 24 },
        { address: address("fe80::11"), prefix: 64 },
      ],
    },
  ],
  routes: [
    { target: address("0.0.0.0"), prefix: 0, device: "eth0" },
    { target: address("::"), prefix: 0, device: "eth0" },
  ],
  isForwarding: true,
};

function read(result: "type" | "oifname", flags: readonly string[], src: string, iif: string): Reading {
  const source = address(src);
  const destination = address(source.family === 4 ? "203.0.113.10" : "2001:db8:1::10");
  const packet: QuestionPacket = {
    id: "",
    direction: "in",
    inputInterface: iif,
    source,
    destination,
    protocol: 6,
    sourcePort: 1,
    destinationPort: 1,
    flags: ["syn"],
    icmpType: 0,
    icmpCode: 0,
    track: "new",
    trackDirection: "original",
    ttl: 64,
    dscp: 0,
  };
  return fibReader({ kind: "fib", result, flags })(new WalkState(packet, HOST, new RouteTable(HOST)));
}

describe("fib", () => {
  it.each([
    ["an address elsewhere", "9.9.9.9", "eth0", 1],
    ["an own one", "203.0.113.10", "eth0", 2],
    ["all hosts of a link", "203.0.113.255", "eth0", 3],
    ["no address", "::", "eth0", 0],
    ["the link's own link-local address", "fe80::10", "eth0", 2],
    ["another link's link-local address", "fe80::11", "eth0", 1],
    ["routers of a link", "fe80::", "eth0", 4],
    ["a link-local address without a route", "febf::1", "eth1", 7],
  ])("tells the type of %s", (_what, source, iif, type) => {
    expect(read("type", ["saddr"], source, iif)).toBe(type);
  });

  it.each([
    ["an address elsewhere", "9.9.9.9", "eth0", "eth0"],
    ["an address elsewhere, from the wrong link", "9.9.9.9", "eth1", ""],
    ["an own one", "203.0.113.10", "eth0", ""],
    ["all hosts of a link", "203.0.113.255", "eth0", "eth0"],
    ["another link's link-local address", "fe80::11", "eth0", "eth0"],
    ["the link's own link-local address", "fe80::11", "eth1", ""],
    ["routers of a link", "fe80::", "eth0", ""],
    ["a link-local address without a route", "febf::1", "eth1", ""],
  ])("finds the way back to %s", (_what, source, iif, device) => {
    expect(read("oifname", ["saddr", "iif"], source, iif)).toBe(device);
  });
});
