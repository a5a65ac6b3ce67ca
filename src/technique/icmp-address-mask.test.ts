import { expect, test } from "vitest";
import { readUint16 } from "../packet/bytes.js";
import { ETHER_TYPE_IPV4 } from "../packet/ethernet.js";
import { Cookies } from "./cookies.js";
import {
  addressMaskReplyFrame,
  echoReplyFrame,
  icmpErrorFrame,
  OWN,
  parsedFrame,
  probeTo,
  writtenBy,
} from "./frames.test.data.js";
import { icmpAddressMask } from "./icmp-address-mask.js";
import { readAnswer } from "./read-answer.test.data.js";

const COOKIES = new Cookies(11, 22, 30_000);
const HOST = 0x0a00_0007;
const PROBE = writtenBy(icmpAddressMask, probeTo(HOST, 0, 5, COOKIES));
const REPLY = { source: HOST, target: OWN, identifier: readUint16(PROBE, 24), sequence: readUint16(PROBE, 26) };
const read = (frame: Uint8Array): string => readAnswer(icmpAddressMask, COOKIES, frame);

test("writes a query of type 17 in 32 bytes", () => {
  expect(PROBE.length).toBe(32);
  expect(parsedFrame(PROBE, ETHER_TYPE_IPV4)?.icmp).toMatchObject({ type: 17, code: 0 });
});

test("its reply shows the host up, whatever the mask, and says which try it answers", () => {
  expect(read(addressMaskReplyFrame(REPLY))).toBe("up addressmask-reply 0 try 5");
});

test("a reply with another cookie, or of another kind, proves nothing", () => {
  expect(read(addressMaskReplyFrame({ ...REPLY, identifier: REPLY.identifier ^ 1 }))).toBe("nothing");
  expect(read(addressMaskReplyFrame({ ...REPLY, sequence: REPLY.sequence ^ 0x10 }))).toBe("nothing");
  expect(read(addressMaskReplyFrame({ ...REPLY, source: HOST + 1 }))).toBe("nothing");
  expect(read(echoReplyFrame(REPLY))).toBe("nothing");
});

test("an error from a router speaks against the host, one from the host itself says who sent it", () => {
  const error = (source: number): string => read(icmpErrorFrame({ source, target: OWN }, 3, 1, PROBE));
  expect(error(0x0a09_0909)).toBe("down host-unreach 0 try 5 by 10.9.9.9");
  expect(error(HOST)).toBe("down host-unreach 0 try 5");
});
