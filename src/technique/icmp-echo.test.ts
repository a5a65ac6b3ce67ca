import { describe, expect, test } from "vitest";
import { readUint16 } from "../packet/bytes.js";
import { ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from "../packet/ethernet.js";
import { formatAddress } from "../target/address.js";
import { Cookies, LANE_COUNT, TRIES_MAX } from "./cookies.js";
import {
  echoReplyFrame,
  icmpErrorFrame,
  OWN_IPV6,
  parsedFrame,
  probeTo,
  timestampReplyFrame,
  writtenBy,
} from "./frames.test.data.js";
import { icmpEcho } from "./icmp-echo.js";
import { readAnswer } from "./read-answer.test.data.js";
import { createAnswer } from "./technique.js";

const COOKIES = new Cookies(11, 22, 30_000);
const HOST = 0x0a00_0007;
const OWN = 0x0a00_0001;
const ROUTER = 0x0a09_0909;
const PROBE = writtenBy(icmpEcho, probeTo(HOST, 0, 5, COOKIES));
const QUERY = parsedFrame(PROBE, ETHER_TYPE_IPV4)?.icmp ?? { identifier: 0, sequence: 0 };
const REPLY = { source: HOST, target: OWN, identifier: QUERY.identifier, sequence: QUERY.sequence };

function read(frame: Uint8Array): string {
  const answer = createAnswer();
  const view = parsedFrame(frame, ETHER_TYPE_IPV4);
  if (view === undefined || !icmpEcho.read(view, COOKIES, answer)) return "nothing";
  return `${answer.outcome} ${answer.reason} try ${answer.tryIndex} by ${answer.responder === undefined ? "itself" : formatAddress(answer.responder)}`;
}

test("writes a query of type 8 in 28 bytes", () => {
  expect(parsedFrame(PROBE, ETHER_TYPE_IPV4)?.icmp).toMatchObject({ type: 8, code: 0 });
  expect(PROBE.length).toBe(28);
});

test("its reply shows the host up, and says which try it answers", () => {
  expect(read(echoReplyFrame(REPLY))).toBe("up echo-reply try 5 by itself");
  for (let tryIndex = 0; tryIndex < TRIES_MAX; tryIndex++) {
    const probe = writtenBy(icmpEcho, probeTo(HOST, 0, tryIndex, COOKIES));
    const { identifier = 0, sequence = 0 } = parsedFrame(probe, ETHER_TYPE_IPV4)?.icmp ?? {};
    expect(read(echoReplyFrame({ ...REPLY, identifier, sequence }))).toBe(`up echo-reply try ${tryIndex} by itself`);
  }
});

test("a reply with another identifier, another sequence number or of another kind proves nothing", () => {
  expect(read(echoReplyFrame({ ...REPLY, identifier: REPLY.identifier ^ 1 }))).toBe("nothing");
  expect(read(echoReplyFrame({ ...REPLY, sequence: REPLY.sequence ^ 0x100 }))).toBe("nothing");
  expect(read(timestampReplyFrame(REPLY))).toBe("nothing");
});

test("a reply that names another try of ours is that try's: only the cookie's 28 bits are proof", () => {
  expect(read(echoReplyFrame({ ...REPLY, sequence: REPLY.sequence ^ 1 }))).toBe("up echo-reply try 4 by itself");
});

test("an error from a router speaks against the host, one from the host itself says who sent it", () => {
  expect(read(icmpErrorFrame({ source: ROUTER, target: OWN }, 3, 1, PROBE))).toBe(
    `down host-unreach try 5 by 10.9.9.9`,
  );
  expect(read(icmpErrorFrame({ source: HOST, target: OWN }, 3, 10, PROBE))).toBe(
    "down host-prohibited try 5 by itself",
  );
});

test("its cookie is that of no TCP probe to port 0", () => {
  const cookie = ((QUERY.identifier << 16) | QUERY.sequence) >>> 4;
  for (let salt = 0; salt < LANE_COUNT << 8; salt++) {
    expect((COOKIES.of(HOST, 0, salt) >>> 4) & 0xfff_ffff).not.toBe(cookie & 0xfff_ffff);
  }
});

test("an error that quotes less than the 8 bytes of RFC 792 proves nothing", () => {
  expect(read(icmpErrorFrame({ source: ROUTER, target: OWN }, 3, 1, PROBE, 7))).toBe("nothing");
  expect(read(icmpErrorFrame({ source: ROUTER, target: OWN }, 3, 1, PROBE, 8))).not.toBe("nothing");
});

describe("over IPv6", () => {
  const host = Uint8Array.of(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7);
  const probe = writtenBy(icmpEcho, probeTo(host, 0, 5, COOKIES));
  const back = { source: host, target: OWN_IPV6 };
  const reply = { ...back, identifier: readUint16(probe, 44), sequence: readUint16(probe, 46) };

  test("writes a query of type 128 in 48 bytes", () => {
    expect(parsedFrame(probe, ETHER_TYPE_IPV6, COOKIES)?.icmp).toMatchObject({ type: 128, code: 0 });
    expect(probe.length).toBe(48);
  });

  test("its reply shows the host up, when it brings the cookie", () => {
    expect(readAnswer(icmpEcho, COOKIES, echoReplyFrame(reply))).toBe("up echo-reply 0 try 5");
    const other = { ...reply, identifier: reply.identifier ^ 1 };
    expect(readAnswer(icmpEcho, COOKIES, echoReplyFrame(other))).toBe("nothing");
  });

  test("an error speaks against the host, or says that the host itself sent it", () => {
    const error = (source: Uint8Array): string =>
      readAnswer(icmpEcho, COOKIES, icmpErrorFrame({ source, target: OWN_IPV6 }, 1, 0, probe));
    expect(error(OWN_IPV6)).toBe("down net-unreach 0 try 5 by fd00::1");
    expect(error(host)).toBe("down net-unreach 0 try 5");
  });
});
