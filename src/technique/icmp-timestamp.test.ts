import { expect, test } from "vitest";
import { ETHER_TYPE_IPV4 } from "../packet/ethernet.js";
import { formatAddress } from "../target/address.js";
import { Cookies, TRIES_MAX } from "./cookies.js";
import {
  echoReplyFrame,
  icmpErrorFrame,
  parsedFrame,
  probeTo,
  timestampReplyFrame,
  writtenBy,
} from "./frames.test.data.js";
import { icmpTimestamp } from "./icmp-timestamp.js";
import { createAnswer } from "./technique.js";

const COOKIES = new Cookies(11, 22, 30_000);
const HOST = 0x0a00_0007;
const OWN = 0x0a00_0001;
const ROUTER = 0x0a09_0909;
const PROBE = writtenBy(icmpTimestamp, probeTo(HOST, 0, 5, COOKIES));
const QUERY = parsedFrame(PROBE, ETHER_TYPE_IPV4)?.icmp ?? { identifier: 0, sequence: 0 };
const REPLY = { source: HOST, target: OWN, identifier: QUERY.identifier, sequence: QUERY.sequence };

function read(frame: Uint8Array): string {
  const answer = createAnswer();
  const view = parsedFrame(frame, ETHER_TYPE_IPV4);
  if (view === undefined || !icmpTimestamp.read(view, COOKIES, answer)) return "nothing";
  return `${answer.outcome} ${answer.reason} try ${answer.tryIndex} by ${answer.responder === undefined ? "itself" : formatAddress(answer.responder)}`;
}

test("writes a query of type 13 in 40 bytes", () => {
  expect(parsedFrame(PROBE, ETHER_TYPE_IPV4)?.icmp).toMatchObject({ type: 13, code: 0 });
  expect(PROBE.length).toBe(40);
});

test("its reply shows the host up, and says which try it answers", () => {
  expect(read(timestampReplyFrame(REPLY))).toBe("up timestamp-reply try 5 by itself");
  for (let tryIndex = 0; tryIndex < TRIES_MAX; tryIndex++) {
    const probe = writtenBy(icmpTimestamp, probeTo(HOST, 0, tryIndex, COOKIES));
    const { identifier = 0, sequence = 0 } = parsedFrame(probe, ETHER_TYPE_IPV4)?.icmp ?? {};
    expect(read(timestampReplyFrame({ ...REPLY, identifier, sequence }))).toBe(
      `up timestamp-reply try ${tryIndex} by itself`,
    );
  }
});

test("a reply with another identifier, another sequence number or of another kind proves nothing", () => {
  expect(read(timestampReplyFrame({ ...REPLY, identifier: REPLY.identifier ^ 1 }))).toBe("nothing");
  expect(read(timestampReplyFrame({ ...REPLY, sequence: REPLY.sequence ^ 0x100 }))).toBe("nothing");
  expect(read(echoReplyFrame(REPLY))).toBe("nothing");
});

test("a reply that names another try of ours is that try's: only the cookie's 28 bits are proof", () => {
  expect(read(timestampReplyFrame({ ...REPLY, sequence: REPLY.sequence ^ 1 }))).toBe(
    "up timestamp-reply try 4 by itself",
  );
});

test("an error from a router speaks against the host, one from the host itself says who sent it", () => {
  expect(read(icmpErrorFrame({ source: ROUTER, target: OWN }, 3, 1, PROBE))).toBe(
    `down host-unreach try 5 by 10.9.9.9`,
  );
  expect(read(icmpErrorFrame({ source: HOST, target: OWN }, 3, 10, PROBE))).toBe(
    "down host-prohibited try 5 by itself",
  );
});

test("an error that quotes less than the 8 bytes of RFC 792 proves nothing", () => {
  expect(read(icmpErrorFrame({ source: ROUTER, target: OWN }, 3, 1, PROBE, 7))).toBe("nothing");
  expect(read(icmpErrorFrame({ source: ROUTER, target: OWN }, 3, 1, PROBE, 8))).not.toBe("nothing");
});
