// Ports that the kernel holds, from messages made after its headers: a kernel with all of these is rare.
import { describe, expect, test } from "vitest";
import { familyOf, fouListener, l2tpListener, wireguardPort } from "./generic-listeners.js";
import type { NetlinkMessage } from "./netlink.js";
import { attribute, cString, joined, uint16 } from "./netlink-bytes.test.data.js";
import { readAttributes } from "./netlink-message.js";
import { tunnelListeners, tunnelOf } from "./tunnel-listeners.js";

const RTM_NEWLINK = 16;
const NONE: Uint8Array = new Uint8Array(0);

/** An interface as RTM_GETLINK tells of it. */
function link(kind: string, data: Uint8Array, { isUp = true, more = NONE, info = NONE } = {}): NetlinkMessage {
  const body = new Uint8Array(16);
  const view = new DataView(body.buffer);
  view.setInt32(4, 7, true);
  view.setUint32(8, isUp ? 0x11043 : 0x1002, true);
  const linkInfo = joined(attribute(1, cString(kind)), attribute(2, data), info);
  const attributes = joined(attribute(3, cString("t0")), attribute(18, linkInfo), more);
  return { type: RTM_NEWLINK, body, attributes: readAttributes(attributes, 0) };
}

const portsOf = (message: NetlinkMessage) => {
  const tunnel = tunnelOf(message);
  return tunnel === undefined ? undefined : tunnelListeners(tunnel);
};

describe("interfaces", () => {
  const settings = { protocol: "udp", by: "settings of the interface", isCertain: true, place: "here" };
  const port = (type: number) => attribute(type, new Uint8Array([0x12, 0xb5]));
  const flag = new Uint8Array([1]);

  test.each([
    ["vxlan", port(15), { family: 4, owner: "VXLAN t0" }],
    ["vxlan", joined(port(15), attribute(17, new Uint8Array(16))), { family: 6, owner: "VXLAN t0" }],
    ["vxlan", joined(port(15), attribute(25, flag)), { family: undefined, owner: "VXLAN t0" }],
    ["geneve", port(5), { family: undefined, owner: "GENEVE t0" }],
    ["bareudp", port(1), { family: undefined, owner: "bareudp t0" }],
  ])("of the kind %s tell their port", (kind, data, expected) => {
    expect(portsOf(link(kind, data))).toEqual([{ ...settings, port: 4789, ...expected }]);
  });

  test("that are down have no socket", () => {
    expect(portsOf(link("vxlan", port(15), { isUp: false }))).toEqual([]);
  });

  test("that came from another namespace have it there", () => {
    expect(portsOf(link("vxlan", port(15), { more: attribute(37, new Uint8Array(4)) }))).toMatchObject([
      { port: 4789, place: "elsewhere" },
    ]);
  });

  test("of GTP have their usual ports", () => {
    expect(portsOf(link("gtp", NONE))).toMatchObject([
      { port: 2152, owner: "GTP t0", isCertain: false },
      { port: 3386, owner: "GTP t0", isCertain: false },
    ]);
  });

  test("of other kinds, without a kind, or with a port that is none, have nothing", () => {
    expect(portsOf(link("veth", port(15)))).toEqual([]);
    expect(portsOf(link("constructor", port(15)))).toEqual([]);
    expect(portsOf(link("vxlan", attribute(15, new Uint8Array(3))))).toEqual([]);
    expect(portsOf({ type: RTM_NEWLINK, body: new Uint8Array(16), attributes: new Map() })).toBeUndefined();
    expect(portsOf({ ...link("vxlan", port(15)), body: new Uint8Array(15) })).toBeUndefined();
    expect(portsOf({ ...link("vxlan", port(15)), type: 17 })).toBeUndefined();
  });

  test("cut at every length make no trouble", () => {
    const whole = joined(attribute(1, cString("vxlan")), attribute(2, port(15)));
    for (let end = 0; end < whole.length; end++) {
      const message = { ...link("", NONE), attributes: new Map([[18, whole.slice(0, end)]]) };
      expect(portsOf(message)).toEqual([]);
    }
  });
});

const generic = (...attributes: readonly Uint8Array[]): NetlinkMessage => ({
  type: 30,
  body: new Uint8Array(4),
  attributes: readAttributes(joined(...attributes), 0),
});

describe("generic netlink", () => {
  test("names its families", () => {
    expect(familyOf(generic(attribute(2, cString("wireguard")), attribute(1, uint16(31))))).toEqual(["wireguard", 31]);
    expect(familyOf(generic(attribute(2, cString("wireguard"))))).toBeUndefined();
    expect(familyOf(generic(attribute(1, new Uint8Array(1)), attribute(2, NONE)))).toBeUndefined();
  });

  test("WireGuard's port stands in the first part of its answer, behind the key", () => {
    const key = attribute(3, new Uint8Array(32).fill(0xaa));
    const whole = joined(new Uint8Array(4), attribute(2, cString("wg0")), key, attribute(6, uint16(51_820)));
    expect(wireguardPort(whole)).toBe(51_820);
    expect(wireguardPort(joined(new Uint8Array(4), attribute(6, uint16(0))))).toBeUndefined();
    expect(wireguardPort(joined(new Uint8Array(4), attribute(8, key)))).toBeUndefined();
    for (let end = 0; end < whole.length - 2; end++) expect(wireguardPort(whole.slice(0, end))).toBeUndefined();
  });

  test("FOU and GUE write their port in network order", () => {
    const port = attribute(1, new Uint8Array([0x15, 0xb3]));
    const rest = { protocol: "udp", port: 5555, by: "generic netlink, family fou", isCertain: true, place: "here" };
    expect(fouListener(generic(port, attribute(2, new Uint8Array([2])), attribute(4, new Uint8Array([1]))))).toEqual({
      ...rest,
      family: 4,
      owner: "FOU",
    });
    expect(fouListener(generic(port, attribute(2, new Uint8Array([10])), attribute(4, new Uint8Array([2]))))).toEqual({
      ...rest,
      family: 6,
      owner: "GUE",
    });
    expect(fouListener(generic(attribute(1, new Uint8Array(1))))).toBeUndefined();
  });

  test("L2TP writes its port in the machine's order, and has none over bare IP", () => {
    const udp = attribute(2, uint16(0));
    const port = attribute(26, uint16(1701));
    const id = attribute(9, new Uint8Array([42, 0, 0, 0]));
    const address = attribute(31, new Uint8Array(16));
    expect(l2tpListener(generic(udp, port, id))).toMatchObject({ port: 1701, family: 4, owner: "L2TP tunnel 42" });
    expect(l2tpListener(generic(udp, port, address))).toMatchObject({ port: 1701, family: 6, owner: "L2TP" });
    expect(l2tpListener(generic(attribute(2, uint16(1)), port))).toBeUndefined();
    expect(l2tpListener(generic(udp))).toBeUndefined();
  });
});
