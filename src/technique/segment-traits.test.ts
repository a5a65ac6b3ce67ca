import { describe, expect, test } from "vitest";
import { ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from "../packet/ethernet.js";
import { TCP_ACK, TCP_RST } from "../packet/tcp.js";
import { OWN_IPV6, parsedFrame, type Segment, tcpFrame } from "./frames.test.data.js";
import { HAS_DF, HAS_MARK, HAS_OPTIONS, HAS_WINDOW, traitsOf } from "./segment-traits.js";

const PORTS = { sourcePort: 80, targetPort: 30_000, flags: TCP_RST | TCP_ACK };
const BARE = { ...PORTS, mark: 0, window: 0 };
const WAYS = [
  { family: 4, ends: { source: 0x0a00_0007, target: 0x0a00_0001 }, etherType: ETHER_TYPE_IPV4 },
  { family: 6, ends: { source: OWN_IPV6, target: OWN_IPV6 }, etherType: ETHER_TYPE_IPV6 },
] as const;

describe.each(WAYS)("the traits of a segment over IPv$family", ({ ends, etherType, family }) => {
  test.each<[Partial<Segment>, number]>([
    [{}, 0],
    [{ mark: 1 }, HAS_MARK],
    [{ dontFragment: true }, family === 4 ? HAS_DF : 0],
    [{ window: 512 }, HAS_WINDOW],
    [{ maximumSegmentBytes: 1460 }, HAS_OPTIONS],
    [{ mark: 9, window: 1, maximumSegmentBytes: 1460 }, HAS_MARK | HAS_WINDOW | HAS_OPTIONS],
  ])("%o", (changes, traits) => {
    const frame = parsedFrame(tcpFrame({ ...BARE, ...ends, ...changes }), etherType);
    expect(frame?.kind).toBe("tcp");
    expect(frame && traitsOf(frame)).toBe(traits);
  });
});
