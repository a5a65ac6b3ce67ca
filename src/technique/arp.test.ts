import { expect, test } from "vitest";
import { ARP_REQUEST, writeArp } from "../packet/arp.js";
import { ETHER_TYPE_ARP } from "../packet/ethernet.js";
import { arp } from "./arp.js";
import { Cookies } from "./cookies.js";
import { arpReplyFrame, parsedFrame, probeTo, writtenBy } from "./frames.test.data.js";
import { createAnswer } from "./technique.js";

const COOKIES = new Cookies(1, 2, 3);
const HOST = 0x0a00_0007;
const HOST_MAC = Uint8Array.of(2, 0, 0, 0, 0, 7);

test("asks who has the target's address, from our own addresses, leaving open what is asked for", () => {
  const slot = probeTo(HOST, 0, 0, COOKIES);
  const frame = parsedFrame(writtenBy(arp, slot), ETHER_TYPE_ARP);
  expect(frame?.arp).toEqual({
    operation: ARP_REQUEST,
    senderMac: slot.sourceMac,
    senderAddress: slot.sourceAddress,
    targetMac: new Uint8Array(6),
    targetAddress: HOST,
  });
});

test("a reply shows the host up and tells its link address, in bytes of its own", () => {
  const answer = createAnswer();
  const bytes = arpReplyFrame(HOST_MAC, HOST, new Uint8Array(6), 0x0a00_0001);
  const frame = parsedFrame(bytes, ETHER_TYPE_ARP);
  expect(frame !== undefined && arp.read(frame, COOKIES, answer)).toBe(true);
  bytes.fill(0);
  frame?.arp.senderMac.fill(0);
  expect(answer).toMatchObject({
    outcome: "up",
    reason: "arp-response",
    key: HOST,
    port: 0,
    ttl: 0,
    mac: HOST_MAC,
  });
});

test("a request, even one that announces the host, is no answer", () => {
  const out = new Uint8Array(28);
  const fields = { senderMac: HOST_MAC, senderAddress: HOST, targetMac: new Uint8Array(6), targetAddress: HOST };
  writeArp({ operation: ARP_REQUEST, ...fields }, out, 0);
  const frame = parsedFrame(out, ETHER_TYPE_ARP);
  expect(frame !== undefined && arp.read(frame, COOKIES, createAnswer())).toBe(false);
});
