import { expect, test } from "vitest";
import type { Interface } from "../linux/interfaces.js";
import type { Route } from "../linux/routes.js";
import { type Address, formatAddress, parseAddress } from "../target/address.js";
import { chooseGuise, type SourceWay } from "./self-guise.js";

function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(text);
  return address;
}

function device(name: string, addresses: readonly string[], { isUp = true, isLoopback = false } = {}): Interface {
  return {
    index: 1,
    name,
    mac: undefined,
    hasNeighbours: true,
    isUp,
    isRunning: true,
    isLoopback,
    mtuBytes: 1500,
    addresses: addresses.map((text) => ({ address: addressOf(text), prefix: 24 })),
  };
}

const LO = device("lo", ["127.0.0.1", "::1"], { isLoopback: true });
const DOWN = device("eth9", ["10.9.9.9"], { isUp: false });
const ETH0 = device("eth0", ["10.0.0.5", "10.0.0.6", "2001:db8:5::5", "fe80::5%eth0"]);
const ETH1 = device("eth1", ["192.168.7.1", "fd00::7"]);
const NO_WAY: Route = { kind: "unreachable", device: undefined, source: undefined, gateway: undefined, errno: 101 };

function by(found: Interface, source: string): Route {
  return { kind: "unicast", device: found, source: addressOf(source), gateway: undefined, errno: 0 };
}

function chosen(ways: readonly SourceWay[], interfaces: readonly Interface[]) {
  const { sources, guise, models } = chooseGuise(ways, interfaces);
  return {
    answeredFrom: sources.map(({ answeredFrom }) => answeredFrom && formatAddress(answeredFrom)),
    settingsOf: guise.interfaceName,
    addresses: guise.addresses.map(formatAddress),
    models,
  };
}

test("the interface by which the sources were reached is the model, of each family by itself", () => {
  const ways: readonly SourceWay[] = [
    [addressOf("192.0.2.1"), by(ETH0, "10.0.0.6")],
    [addressOf("2001:db8::1"), by(ETH1, "fd00::7")],
  ];
  expect(chosen(ways, [LO, ETH0, ETH1])).toEqual({
    answeredFrom: ["10.0.0.6", "fd00::7"],
    settingsOf: "eth0",
    addresses: ["10.0.0.5", "10.0.0.6", "fd00::7"],
    models: ["eth0", "eth1"],
  });
});

test("where there was no way, the first interface that could be one is", () => {
  const ways: readonly SourceWay[] = [
    [addressOf("192.0.2.1"), NO_WAY],
    [addressOf("2001:db8::1"), { ...by(ETH0, "fe80::5%eth0"), device: LO }],
  ];
  expect(chosen(ways, [LO, DOWN, ETH0, ETH1])).toEqual({
    answeredFrom: ["10.0.0.5", "2001:db8:5::5"],
    settingsOf: "eth0",
    addresses: ["10.0.0.5", "10.0.0.6", "2001:db8:5::5"],
    models: ["eth0"],
  });
});

test("a family without sources, or without addresses here, is left alone", () => {
  const ways: readonly SourceWay[] = [[addressOf("2001:db8::1"), NO_WAY]];
  expect(chosen(ways, [LO, DOWN])).toEqual({
    answeredFrom: [undefined],
    settingsOf: undefined,
    addresses: [],
    models: [],
  });
  expect(chosen([[addressOf("192.0.2.1"), by(ETH1, "192.168.7.1")]], [ETH0, ETH1]).addresses).toEqual(["192.168.7.1"]);
});

test("no more addresses than make sense", () => {
  const many = device(
    "eth0",
    Array.from({ length: 100 }, (_, at) => `10.0.1.${at}`),
  );
  expect(chosen([[addressOf("192.0.2.1"), by(many, "10.0.1.1")]], [many]).addresses).toHaveLength(64);
});
