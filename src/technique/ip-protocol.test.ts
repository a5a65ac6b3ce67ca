import { describe, expect, test } from "vitest";
import { readUint16, readUint32 } from "../packet/bytes.js";
import { ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from "../packet/ethernet.js";
import { SCTP_INIT } from "../packet/sctp.js";
import { TCP_ACK, TCP_RST } from "../packet/tcp.js";
import { Cookies } from "./cookies.js";
import {
  echoReplyFrame,
  emptyFrame,
  icmpErrorFrame,
  OWN,
  OWN_IPV6,
  parsedFrame,
  probeTo,
  sctpAbortFrame,
  sctpInitAckFrame,
  tcpFrame,
  udpFrame,
  writtenBy,
} from "./frames.test.data.js";
import { ipProtocol } from "./ip-protocol.js";
import { readAnswer } from "./read-answer.test.data.js";

const COOKIES = new Cookies(11, 22, 30_000);
const HOST = 0x0a00_0007;
const ROUTER = 0x0a09_0909;
const HOST_IPV6 = Uint8Array.of(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7);
const [ICMP, IGMP, TCP, UDP, GRE, ICMPV6, SCTP] = [1, 2, 6, 17, 47, 58, 132] as const;
const OUR_PORT = 30_000 + 10 * 16 + 2;
const PORT = 40_125;
const BACK = { source: HOST, target: OWN, sourcePort: PORT, targetPort: OUR_PORT };
const probeOf = (protocol: number): Uint8Array => writtenBy(ipProtocol, probeTo(HOST, protocol, 2, COOKIES));
const read = (frame: Uint8Array): string => readAnswer(ipProtocol, COOKIES, frame);

describe("writes", () => {
  test.each([
    [ICMP, 28, "icmp"],
    [IGMP, 28, "other"],
    [TCP, 40, "tcp"],
    [UDP, 28, "udp"],
    [GRE, 20, "other"],
    [ICMPV6, 20, "other"],
    [SCTP, 52, "sctp"],
    [255, 20, "other"],
  ])("protocol %i over IPv4 in %i bytes", (protocol, bytes, kind) => {
    const probe = probeOf(protocol);
    const frame = parsedFrame(probe, ETHER_TYPE_IPV4);
    expect([probe.length, frame?.kind, frame?.protocol]).toEqual([bytes, kind, protocol]);
    expect(frame?.mark).not.toBe(0);
  });

  test.each([
    [ICMP, 40, "other"],
    [IGMP, 40, "other"],
    [TCP, 60, "tcp"],
    [UDP, 48, "udp"],
    [GRE, 40, "other"],
    [ICMPV6, 48, "icmp"],
    [SCTP, 72, "sctp"],
  ])("protocol %i over IPv6 in %i bytes", (protocol, bytes, kind) => {
    const probe = writtenBy(ipProtocol, probeTo(HOST_IPV6, protocol, 2, COOKIES));
    const frame = parsedFrame(probe, ETHER_TYPE_IPV6, COOKIES);
    expect([probe.length, frame?.kind, frame?.protocol]).toEqual([bytes, kind, protocol]);
    expect(frame?.mark).not.toBe(0);
  });

  test("an ACK, a datagram and an INIT from its lane to a port that hardly anybody listens on", () => {
    const ports = { sourcePort: OUR_PORT, targetPort: PORT };
    expect(parsedFrame(probeOf(TCP), ETHER_TYPE_IPV4)?.tcp).toMatchObject({ ...ports, flags: TCP_ACK });
    expect(parsedFrame(probeOf(UDP), ETHER_TYPE_IPV4)?.udp).toMatchObject(ports);
    expect(parsedFrame(probeOf(SCTP), ETHER_TYPE_IPV4)?.sctp).toMatchObject({ ...ports, chunkType: SCTP_INIT });
  });
});

describe("any answer of the protocol means open:", () => {
  test("a RST that takes its number from the ACK", () => {
    const sequence = readUint32(probeOf(TCP), 28);
    expect(read(tcpFrame({ ...BACK, flags: TCP_RST, sequence }))).toBe("open proto-response 6 try 2");
    expect(read(tcpFrame({ ...BACK, flags: TCP_RST, sequence: sequence + 1 }))).toBe("nothing");
    expect(read(tcpFrame({ ...BACK, flags: TCP_RST, sequence, targetPort: OUR_PORT + 1 }))).toBe("nothing");
  });

  test("a datagram to our port", () => {
    expect(read(udpFrame(BACK))).toBe("open proto-response 17 try 2");
    expect(read(udpFrame({ ...BACK, targetPort: OUR_PORT - 3 }))).toBe("nothing");
  });

  test("an SCTP packet with the INIT's tag", () => {
    const verificationTag = readUint32(probeOf(SCTP), 36);
    expect(read(sctpAbortFrame({ ...BACK, verificationTag }, 0))).toBe("open proto-response 132 try 2");
    expect(read(sctpInitAckFrame({ ...BACK, verificationTag }))).toBe("open proto-response 132 try 2");
    expect(read(sctpAbortFrame({ ...BACK, verificationTag: verificationTag ^ 1 }, 0))).toBe("nothing");
  });

  test("an echo reply with the cookie", () => {
    const probe = probeOf(ICMP);
    const reply = { source: HOST, target: OWN, identifier: readUint16(probe, 24), sequence: readUint16(probe, 26) };
    expect(read(echoReplyFrame(reply))).toBe("open proto-response 1 try 2");
    expect(read(echoReplyFrame({ ...reply, identifier: reply.identifier ^ 1 }))).toBe("nothing");
    const probe6 = writtenBy(ipProtocol, probeTo(HOST_IPV6, ICMPV6, 2, COOKIES));
    const query6 = { identifier: readUint16(probe6, 44), sequence: readUint16(probe6, 46) };
    expect(read(echoReplyFrame({ source: HOST_IPV6, target: OWN_IPV6, ...query6 }))).toBe(
      "open proto-response 58 try 2",
    );
  });

  test("anything at all of a protocol that has no place for a cookie", () => {
    expect(read(emptyFrame({ source: HOST, target: OWN }, GRE))).toBe("open proto-response 47 try 0");
    expect(read(emptyFrame({ source: HOST_IPV6, target: OWN_IPV6 }, GRE))).toBe("open proto-response 47 try 0");
  });

  test("but not our own probe, which comes in on the loopback interface when this machine is the target", () => {
    for (const protocol of [ICMP, IGMP, TCP, UDP, GRE, SCTP]) {
      expect(read(writtenBy(ipProtocol, probeTo(OWN, protocol, 2, COOKIES)))).toBe("nothing");
      expect(read(writtenBy(ipProtocol, probeTo(OWN_IPV6, protocol, 2, COOKIES)))).toBe("nothing");
    }
  });
});

describe.each([
  ["TCP", TCP],
  ["UDP", UDP],
  ["SCTP", SCTP],
  ["ICMP", ICMP],
  ["GRE", GRE],
])("an ICMP error about a probe of %s", (_name, protocol) => {
  const probe = probeOf(protocol);
  const error = (source: number, type: number, code: number, quoted = probe): string =>
    read(icmpErrorFrame({ source, target: OWN }, type, code, quoted));

  test("protocol unreachable means closed, port unreachable open, from the host itself", () => {
    expect(error(HOST, 3, 2)).toBe(`closed proto-unreach ${protocol} try 2`);
    expect(error(HOST, 3, 3)).toBe(`open port-unreach ${protocol} try 2`);
  });

  test("the same from a router means filtered, and so do all others", () => {
    expect(error(ROUTER, 3, 2)).toBe(`filtered proto-unreach ${protocol} try 2 by 10.9.9.9`);
    expect(error(ROUTER, 3, 3)).toBe(`filtered port-unreach ${protocol} try 2 by 10.9.9.9`);
    for (const code of [0, 1, 4, 9, 10, 13]) expect(error(HOST, 3, code)).toMatch(/^filtered /);
    expect(error(ROUTER, 11, 0)).toMatch(/^filtered time-exceeded/);
  });

  test("counts only with the mark as it was sent, and what the protocol's own header proves", () => {
    const places = { [TCP]: [21, 27], [UDP]: [21], [SCTP]: [21], [ICMP]: [25, 26], [GRE]: [] }[protocol] ?? [];
    for (const at of [5, 19, ...places]) {
      const quoted = probe.slice();
      quoted[at] = (quoted[at] ?? 0) ^ 0x10;
      expect(error(HOST, 3, 2, quoted)).toBe("nothing");
    }
  });
});

describe("an ICMPv6 error", () => {
  const error = (source: Uint8Array, type: number, code: number, protocol: number = GRE): string => {
    const probe = writtenBy(ipProtocol, probeTo(HOST_IPV6, protocol, 2, COOKIES));
    return read(icmpErrorFrame({ source, target: OWN_IPV6 }, type, code, probe));
  };

  test("parameter problem of code 1, an unknown next header, means closed (RFC 4443 §3.4)", () => {
    expect(error(HOST_IPV6, 4, 1)).toBe("closed proto-unreach 47 try 2");
    expect(error(OWN_IPV6, 4, 1)).toBe("filtered proto-unreach 47 try 2 by fd00::1");
    expect(error(HOST_IPV6, 4, 0)).toBe("nothing");
    expect(error(HOST_IPV6, 4, 2)).toBe("nothing");
  });

  test("port unreachable means open, all others filtered", () => {
    expect(error(HOST_IPV6, 1, 4, UDP)).toBe("open port-unreach 17 try 2");
    for (const code of [0, 1, 2, 3, 5, 6]) expect(error(HOST_IPV6, 1, code)).toMatch(/^filtered /);
  });
});
