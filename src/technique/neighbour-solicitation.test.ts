import { expect, test } from "vitest";
import { ETHER_TYPE_IPV6 } from "../packet/ethernet.js";
import { createNeighbourView, NEIGHBOUR_SOLICITATION, readNeighbourMessage } from "../packet/neighbour-discovery.js";
import { formatIpv6 } from "../target/ipv6.js";
import { Cookies } from "./cookies.js";
import { advertisementFrame, OWN_IPV6, parsedFrame, probeTo, writtenBy } from "./frames.test.data.js";
import { neighbourSolicitation } from "./neighbour-solicitation.js";
import { createAnswer } from "./technique.js";

const COOKIES = new Cookies(1, 2, 3);
const HOST = Uint8Array.of(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xab, 0xcd, 0xef);
const HOST_MAC = Uint8Array.of(2, 0, 0, 0, 0, 7);

test("asks the group of the target's last 24 bits who has its address, and tells our link address", () => {
  const slot = probeTo(HOST, 0, 0, COOKIES);
  const bytes = writtenBy(neighbourSolicitation, slot);
  const frame = parsedFrame(bytes, ETHER_TYPE_IPV6, COOKIES);
  expect([bytes.length, frame?.ttl, frame?.icmp.type]).toEqual([72, 255, NEIGHBOUR_SOLICITATION]);
  expect(formatIpv6(bytes.subarray(8, 24))).toBe(formatIpv6(OWN_IPV6));
  expect(formatIpv6(bytes.subarray(24, 40))).toBe("ff02::1:ffab:cdef");
  const message = createNeighbourView();
  readNeighbourMessage(bytes, 40, 72, message);
  expect(bytes.subarray(message.targetAt, message.targetAt + 16)).toEqual(HOST);
  expect(bytes.subarray(message.linkAddressAt, message.linkAddressAt + 6)).toEqual(slot.sourceMac);
});

test("leaves with hop limit 255 whatever the time to live of other probes is", () => {
  const bytes = writtenBy(neighbourSolicitation, { ...probeTo(HOST, 0, 0, COOKIES), ttl: 3 });
  expect(bytes[7]).toBe(255);
});

test("an advertisement shows the host up and tells its link address, in bytes of its own", () => {
  const answer = createAnswer();
  const bytes = advertisementFrame({ source: HOST, target: OWN_IPV6 }, HOST, HOST_MAC);
  const frame = parsedFrame(bytes, ETHER_TYPE_IPV6, COOKIES);
  expect(frame !== undefined && neighbourSolicitation.read(frame, COOKIES, answer)).toBe(true);
  bytes.fill(0);
  const key = COOKIES.keyOf(HOST, 0);
  expect(answer).toMatchObject({ outcome: "up", reason: "nd-response", key, port: 0, ttl: 0, mac: HOST_MAC });
});

test("an advertisement that a router has passed on, or that tells no link address, is no answer", () => {
  const read = (bytes: Uint8Array): boolean => {
    const frame = parsedFrame(bytes, ETHER_TYPE_IPV6, COOKIES);
    return frame !== undefined && neighbourSolicitation.read(frame, COOKIES, createAnswer());
  };
  expect(read(advertisementFrame({ source: HOST, target: OWN_IPV6, ttl: 254 }, HOST, HOST_MAC))).toBe(false);
  const bare = advertisementFrame({ source: HOST, target: OWN_IPV6 }, HOST, HOST_MAC);
  bare[64] = 14; // another option in the place of the link address: a nonce (RFC 3971 §5.3.2)
  bare[42] = (bare[42] ?? 0) - 12; // the checksum less by as much
  expect(parsedFrame(bare, ETHER_TYPE_IPV6, COOKIES)?.kind).toBe("neighbour");
  expect(read(bare)).toBe(false);
});

test("a solicitation, even the host's own, is no answer", () => {
  const frame = parsedFrame(writtenBy(neighbourSolicitation, probeTo(HOST, 0, 0, COOKIES)), ETHER_TYPE_IPV6, COOKIES);
  expect(frame !== undefined && neighbourSolicitation.read(frame, COOKIES, createAnswer())).toBe(false);
});
