import { expect, test } from "vitest";
import { ETHER_TYPE_IPV4 } from "../packet/ethernet.js";
import type { Address } from "../target/address.js";
import { Cookies } from "./cookies.js";
import { icmpErrorFrame, parsedFrame, probeTo, writtenBy } from "./frames.test.data.js";
import { tcpSyn } from "./tcp-syn.js";
import { type Answer, createAnswer } from "./technique.js";
import {
  answerFromError,
  ERROR_TYPES,
  ERROR_TYPES_IPV6,
  unreachableReason,
  unreachableReasonIpv6,
} from "./unreachable.js";

test.each([
  [0, "net-unreach"],
  [1, "host-unreach"],
  [2, "proto-unreach"],
  [3, "port-unreach"],
  [4, "dest-unreach"],
  [5, "dest-unreach"],
  [9, "net-prohibited"],
  [10, "host-prohibited"],
  [13, "admin-prohibited"],
  [14, "dest-unreach"],
  [255, "dest-unreach"],
])("destination unreachable with code %i is %s", (code, reason) => {
  expect(unreachableReason(3, code)).toBe(reason);
});

test("time exceeded is a reason whatever its code", () => {
  expect([0, 1, 7].map((code) => unreachableReason(11, code))).toEqual(new Array(3).fill("time-exceeded"));
});

test.each([
  [0, "net-unreach"],
  [1, "admin-prohibited"],
  [2, "beyond-scope"],
  [3, "host-unreach"],
  [4, "port-unreach"],
  [5, "admin-prohibited"],
  [6, "admin-prohibited"],
  [255, "dest-unreach"],
])("ICMPv6 destination unreachable with code %i is %s (RFC 4443 §3.1)", (code, reason) => {
  expect(unreachableReasonIpv6(1, code)).toBe(reason);
});

test("ICMPv6 says by a parameter problem of code 1 that a protocol is not known (RFC 4443 §3.4)", () => {
  expect(unreachableReasonIpv6(4, 1)).toBe("proto-unreach");
  expect([0, 2, 3].map((code) => unreachableReasonIpv6(4, code))).toEqual([undefined, undefined, undefined]);
});

test("of ICMPv6 only unreachable, time exceeded and that parameter problem have a reason", () => {
  const types = Array.from({ length: 256 }, (_, type) => type);
  expect(types.filter((type) => unreachableReasonIpv6(type, 0) !== undefined)).toEqual([1, 3]);
  expect(types.filter((type) => unreachableReasonIpv6(type, 1) !== undefined)).toEqual([...ERROR_TYPES_IPV6]);
});

test("only the types that are asked of the kernel have a reason", () => {
  const types = Array.from({ length: 256 }, (_, type) => type).filter(
    (type) => unreachableReason(type, 0) !== undefined,
  );
  expect(types).toEqual([...ERROR_TYPES]);
});

test("who answered is left out when it was the probed host itself", () => {
  const probe = writtenBy(tcpSyn, probeTo(0x0a00_0007, 22, 0, new Cookies(1, 2, 3)));
  const answered = (source: number): Address | undefined => {
    const answer: Answer = { ...createAnswer(), responder: { family: 4, value: 1 } };
    const frame = parsedFrame(icmpErrorFrame({ source, target: 0x0a00_0001 }, 3, 1, probe), ETHER_TYPE_IPV4);
    expect(frame !== undefined && answerFromError(frame, "filtered", answer)).toBe(true);
    expect([answer.key, answer.outcome, answer.reason, answer.ttl]).toEqual([
      0x0a00_0007,
      "filtered",
      "host-unreach",
      57,
    ]);
    return answer.responder;
  };
  expect([answered(0x0a00_0007), answered(0x0a00_0009)]).toEqual([undefined, { family: 4, value: 0x0a00_0009 }]);
});
