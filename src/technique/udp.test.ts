import { describe, expect, test } from "vitest";
import { readUint16, writeUint16 } from "../packet/bytes.js";
import { ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from "../packet/ethernet.js";
import { Cookies } from "./cookies.js";
import { icmpErrorFrame, OWN, OWN_IPV6, parsedFrame, probeTo, udpFrame, writtenBy } from "./frames.test.data.js";
import { readAnswer } from "./read-answer.test.data.js";
import { udp } from "./udp.js";

const COOKIES = new Cookies(11, 22, 30_000);
const HOST = 0x0a00_0007;
const ROUTER = 0x0a09_0909;
const HOST_IPV6 = Uint8Array.of(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7);
const ROUTER_IPV6 = Uint8Array.of(0xfd, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9);
const PAYLOAD = Uint8Array.of(1, 2, 3, 4, 5);
const PROBE = writtenBy(udp, { ...probeTo(HOST, 53, 2, COOKIES), payload: PAYLOAD });
const PROBE_IPV6 = writtenBy(udp, probeTo(HOST_IPV6, 53, 2, COOKIES));
const read = (frame: Uint8Array): string => readAnswer(udp, COOKIES, frame);

test("writes a datagram with the payload that it is given, and a mark in the network header", () => {
  const frame = parsedFrame(PROBE, ETHER_TYPE_IPV4);
  expect(PROBE.length).toBe(33);
  expect(frame?.udp).toMatchObject({ sourcePort: 30_000 + 7 * 16 + 2, targetPort: 53, udpBytes: 13 });
  expect([...PROBE.subarray(28)]).toEqual([...PAYLOAD]);
  expect(frame?.mark).not.toBe(0);
  const empty = parsedFrame(PROBE_IPV6, ETHER_TYPE_IPV6, COOKIES);
  expect(PROBE_IPV6.length).toBe(48);
  expect(empty?.udp).toMatchObject({ targetPort: 53, udpBytes: 8 });
  expect(empty?.mark).not.toBe(0);
});

test("marks differ from port to port, try to try and host to host", () => {
  const marks = [
    PROBE,
    writtenBy(udp, probeTo(HOST, 54, 2, COOKIES)),
    writtenBy(udp, probeTo(HOST, 53, 3, COOKIES)),
    writtenBy(udp, probeTo(HOST + 1, 53, 2, COOKIES)),
  ].map((probe) => readUint16(probe, 4));
  expect(new Set(marks).size).toBe(4);
});

describe("a datagram that comes back", () => {
  const back = { source: HOST, target: OWN, sourcePort: 53, targetPort: 30_114 };

  test("means open, with or without payload", () => {
    expect(read(udpFrame(back))).toBe("open udp-response 53 try 2");
    expect(read(udpFrame(back, new Uint8Array(0)))).toBe("open udp-response 53 try 2");
    expect(read(udpFrame({ ...back, source: HOST_IPV6, target: OWN_IPV6 }))).toBe("open udp-response 53 try 2");
  });

  test("may come without a checksum over IPv4, but not with a wrong one", () => {
    const without = udpFrame(back);
    writeUint16(without, 26, 0);
    expect(read(without)).toBe("open udp-response 53 try 2");
    const wrong = udpFrame(back);
    writeUint16(wrong, 26, readUint16(wrong, 26) ^ 1);
    expect(read(wrong)).toBe("nothing");
  });

  test("speaks for the port that it came from, not for the one that was asked", () => {
    expect(read(udpFrame({ ...back, sourcePort: 4000 }))).toBe("open udp-response 4000 try 2");
  });

  test("to a port that is not of the lane is nobody's", () => {
    for (const targetPort of [30_111, 30_128, 53]) expect(read(udpFrame({ ...back, targetPort }))).toBe("nothing");
  });
});

describe("TFTP", () => {
  const probe = writtenBy(udp, probeTo(HOST, 69, 2, COOKIES));
  const sourcePort = 30_000 + 11 * 16 + 2;

  test("is asked from ports of its own, since it answers from a port of its choice", () => {
    expect(parsedFrame(probe, ETHER_TYPE_IPV4)?.udp).toMatchObject({ sourcePort, targetPort: 69 });
    const back = udpFrame({ source: HOST, target: OWN, sourcePort: 50_000, targetPort: sourcePort });
    expect(read(back)).toBe("open udp-response 69 try 2");
  });

  test("is closed when the host says so", () => {
    const error = (quoted: Uint8Array): string => read(icmpErrorFrame({ source: HOST, target: OWN }, 3, 3, quoted));
    expect(error(probe)).toBe("closed port-unreach 69 try 2");
    // A quote of a datagram that we never send: to 69 from the ports of the others.
    const forged = probe.slice();
    writeUint16(forged, 20, 30_000 + 7 * 16 + 2);
    expect(error(forged)).toBe("nothing");
  });
});

describe("ICMP over IPv4", () => {
  const error = (source: number, type: number, code: number, probe = PROBE): string =>
    read(icmpErrorFrame({ source, target: OWN }, type, code, probe));

  test("port unreachable from the host itself means closed, from a router filtered", () => {
    expect(error(HOST, 3, 3)).toBe("closed port-unreach 53 try 2");
    expect(error(ROUTER, 3, 3)).toBe("filtered port-unreach 53 try 2 by 10.9.9.9");
  });

  test.each([
    [0, "net-unreach"],
    [1, "host-unreach"],
    [2, "proto-unreach"],
    [9, "net-prohibited"],
    [10, "host-prohibited"],
    [13, "admin-prohibited"],
  ])("code %i means filtered, whoever says it", (code, reason) => {
    expect(error(HOST, 3, code)).toBe(`filtered ${reason} 53 try 2`);
    expect(error(ROUTER, 3, code)).toBe(`filtered ${reason} 53 try 2 by 10.9.9.9`);
  });

  test("time exceeded means filtered; a redirect says nothing", () => {
    expect(error(ROUTER, 11, 0)).toBe("filtered time-exceeded 53 try 2 by 10.9.9.9");
    expect(error(ROUTER, 5, 1)).toBe("nothing");
  });

  test("counts only with ports and mark as they were sent", () => {
    for (const at of [4, 5, 19, 21, 23]) {
      const quoted = PROBE.slice();
      quoted[at] = (quoted[at] ?? 0) ^ 1;
      expect(error(HOST, 3, 3, quoted)).toBe("nothing");
    }
  });
});

describe("ICMPv6", () => {
  const error = (source: Uint8Array, type: number, code: number, probe = PROBE_IPV6): string =>
    read(icmpErrorFrame({ source, target: OWN_IPV6 }, type, code, probe));

  test("port unreachable from the host itself means closed, from a router filtered", () => {
    expect(error(HOST_IPV6, 1, 4)).toBe("closed port-unreach 53 try 2");
    expect(error(ROUTER_IPV6, 1, 4)).toBe("filtered port-unreach 53 try 2 by fd09::9");
  });

  test("anything else means filtered, or nothing", () => {
    expect(error(HOST_IPV6, 1, 1)).toBe("filtered admin-prohibited 53 try 2");
    expect(error(ROUTER_IPV6, 3, 0)).toBe("filtered time-exceeded 53 try 2 by fd09::9");
    expect(error(HOST_IPV6, 4, 1)).toBe("filtered proto-unreach 53 try 2");
    expect(error(ROUTER_IPV6, 2, 0)).toBe("nothing");
  });

  test("counts only with the flow label as it was sent", () => {
    const quoted = PROBE_IPV6.slice();
    quoted[3] = (quoted[3] ?? 0) ^ 1;
    expect(error(HOST_IPV6, 1, 4, quoted)).toBe("nothing");
  });
});
