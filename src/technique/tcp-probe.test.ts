import { describe, expect, test } from "vitest";
import { ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from "../packet/ethernet.js";
import { TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN } from "../packet/tcp.js";
import { Cookies } from "./cookies.js";
import {
  icmpErrorFrame,
  OWN,
  OWN_IPV6,
  parsedFrame,
  probeTo,
  type Segment,
  tcpFrame,
  writtenBy,
} from "./frames.test.data.js";
import { TECHNIQUES } from "./list.js";
import { readAnswer } from "./read-answer.test.data.js";
import type { FrameTechnique } from "./technique.js";

const COOKIES = new Cookies(11, 22, 30_000);
const HOST = 0x0a00_0007;
const HOST_IPV6 = Uint8Array.of(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7);
const ROUTER = 0x0a09_0909;
const ROUTER_IPV6 = Uint8Array.of(0xfd, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9);
const TCP_TECHNIQUES = TECHNIQUES.filter(
  (one): one is FrameTechnique => one.kind === "frame" && one.protocol === "tcp",
);
const WAYS = TCP_TECHNIQUES.flatMap((technique) => [
  { name: `${technique.name} over IPv4`, technique, host: HOST, router: ROUTER, own: OWN, etherType: ETHER_TYPE_IPV4 },
  {
    name: `${technique.name} over IPv6`,
    technique,
    host: HOST_IPV6,
    router: ROUTER_IPV6,
    own: OWN_IPV6,
    etherType: ETHER_TYPE_IPV6,
  },
]);

describe.each(WAYS)("$name", ({ technique, host, router, own, etherType }) => {
  const probe = writtenBy(technique, probeTo(host, 443, 2, COOKIES));
  const { tcp } = parsedFrame(probe, etherType, COOKIES) ?? { tcp: undefined };
  if (tcp === undefined) throw new Error("the probe does not hold together");
  const back = { source: host, target: own, sourcePort: 443, targetPort: tcp.sourcePort };
  const reset = (changes: Partial<Segment>): string =>
    readAnswer(technique, COOKIES, tcpFrame({ ...back, flags: TCP_RST, window: 0, ...changes }));
  const counted = (tcp.flags & TCP_SYN ? 1 : 0) + (tcp.flags & TCP_FIN ? 1 : 0);
  const acknowledgment = (tcp.sequence + counted) >>> 0;
  const outcome = technique.outcomes.includes("unfiltered") ? "unfiltered" : "closed";

  test("carries the cookie in the sequence number, and again in the acknowledgment number where ACK is set", () => {
    expect(tcp.sequence).not.toBe(0);
    expect(tcp.acknowledgment).toBe((tcp.flags & TCP_ACK) === 0 ? 0 : tcp.sequence);
    expect(tcp).toMatchObject({ sourcePort: 30_002 + technique.lane * 16, targetPort: 443, window: 64_240 });
    expect(tcp.headerBytes).toBe((tcp.flags & TCP_SYN) === 0 ? 20 : 24);
  });

  test("the RST that RFC 9293 §3.10.7.1 asks of a closed port means what it should", () => {
    const answer =
      (tcp.flags & TCP_ACK) === 0
        ? reset({ flags: TCP_RST | TCP_ACK, sequence: 0, acknowledgment })
        : reset({ sequence: tcp.acknowledgment });
    expect(answer).toBe(`${outcome} reset 443 try 2`);
  });

  test("a RST that repeats neither number, or only without ACK, proves nothing", () => {
    expect(reset({ acknowledgment })).toBe("nothing");
    expect(reset({ flags: TCP_RST | TCP_ACK, acknowledgment: (tcp.sequence + 3) >>> 0 })).toBe("nothing");
    expect(reset({ flags: TCP_RST | TCP_ACK, acknowledgment: (tcp.sequence - 1) >>> 0 })).toBe("nothing");
    expect(reset({ sequence: (tcp.sequence + 1) >>> 0 })).toBe("nothing");
    expect(reset({})).toBe("nothing");
  });

  test("a RST to another port or try of ours, or from another port, proves nothing", () => {
    const proof = { flags: TCP_RST | TCP_ACK, acknowledgment };
    expect(reset(proof)).toBe(`${outcome} reset 443 try 2`);
    for (const targetPort of [tcp.sourcePort + 1, tcp.sourcePort + 16, tcp.sourcePort - 16, 443]) {
      expect(reset({ ...proof, targetPort })).toBe("nothing");
    }
    expect(reset({ ...proof, sourcePort: 444 })).toBe("nothing");
  });

  test("data and ends of connections say nothing", () => {
    for (const flags of [TCP_ACK, TCP_ACK | TCP_PSH, TCP_ACK | TCP_FIN, TCP_SYN, 0]) {
      expect(readAnswer(technique, COOKIES, tcpFrame({ ...back, flags, acknowledgment }))).toBe("nothing");
    }
  });

  test("an ICMP error means filtered, whoever sent it", () => {
    const [type, code, reason] =
      etherType === ETHER_TYPE_IPV4 ? [3, 13, "admin-prohibited"] : [1, 1, "admin-prohibited"];
    const byRouter = readAnswer(technique, COOKIES, icmpErrorFrame({ source: router, target: own }, type, code, probe));
    expect(byRouter).toBe(`filtered ${reason} 443 try 2 by ${etherType === ETHER_TYPE_IPV4 ? "10.9.9.9" : "fd09::9"}`);
    const byHost = readAnswer(technique, COOKIES, icmpErrorFrame({ source: host, target: own }, type, code, probe));
    expect(byHost).toBe(`filtered ${reason} 443 try 2`);
  });

  test("one bit of the cookie changed in the quote, and it proves nothing", () => {
    const sequenceAt = (etherType === ETHER_TYPE_IPV4 ? 20 : 40) + 4;
    for (let bit = 0; bit < 32; bit++) {
      const quoted = probe.slice();
      const at = sequenceAt + (bit >> 3);
      quoted[at] = (quoted[at] ?? 0) ^ (1 << (bit & 7));
      const frame = icmpErrorFrame({ source: router, target: own }, etherType === ETHER_TYPE_IPV4 ? 3 : 1, 1, quoted);
      expect(readAnswer(technique, COOKIES, frame)).toBe("nothing");
    }
  });

  test("flags that the user chose are written, and the answer is read as the technique's own", () => {
    const flags = TCP_SYN | TCP_FIN | TCP_PSH;
    const cookies = new Cookies(11, 22, 30_000, flags);
    const chosen = parsedFrame(writtenBy(technique, { ...probeTo(host, 443, 2, COOKIES), flags }), etherType, COOKIES);
    expect(chosen?.tcp).toMatchObject({ flags, sequence: tcp.sequence, acknowledgment: 0, headerBytes: 24 });
    const acknowledgment = (tcp.sequence + 2) >>> 0;
    const frame = tcpFrame({ ...back, flags: TCP_RST | TCP_ACK, window: 0, acknowledgment });
    const answer = readAnswer(technique, cookies, frame);
    expect(answer).toBe(`${outcome} reset 443 try 2`);
  });
});
