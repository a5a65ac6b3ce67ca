import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ARP_REPLY_FRAME,
  ARP_REQUEST_FRAME,
  DATA_FRAME,
  ECHO_FRAME,
  KERNEL_SYN_ACK_FRAME,
  NMAP_SYN_FRAME,
  PORT_UNREACHABLE_FRAME,
  RST_ACK_FRAME,
  TIME_EXCEEDED_FRAME,
} from "../packet/captures.test.data.js";
import {
  ECHO6_FRAME,
  LAST_FRAGMENT_FRAME,
  NEIGHBOUR_SOLICITATION_FRAME,
  PORT_UNREACHABLE6_FRAME,
  SCTP_INIT_FRAME,
  UDP6_FRAME,
} from "../packet/captures-ipv6.test.data.js";
import {
  ETHER_TYPE_ARP,
  ETHER_TYPE_IPV4,
  ETHER_TYPE_IPV6,
  ETHERNET_HEADER_BYTES,
  ETHERNET_TYPE_AT,
} from "../packet/ethernet.js";
import { packetLine } from "./packet-line.js";

function line(frame: Uint8Array, direction: "sent" | "received" = "received"): string {
  const etherType = ((frame[ETHERNET_TYPE_AT] ?? 0) << 8) | (frame[ETHERNET_TYPE_AT + 1] ?? 0);
  return packetLine({ kind: "packet", direction, atMs: 35.04, etherType, bytes: frame.slice(ETHERNET_HEADER_BYTES) });
}

const FRAMES: readonly (readonly [what: string, frame: Uint8Array, text: string])[] = [
  ["arp request", ARP_REQUEST_FRAME, "ARP who is 10.98.0.2? asks 10.98.0.1"],
  ["arp reply", ARP_REPLY_FRAME, "ARP 10.98.0.2 is 02:00:0a:62:00:02"],
  [
    "nmap syn",
    NMAP_SYN_FRAME,
    "TCP 10.98.0.1:33572 > 10.98.0.2:8080 S ttl=43 id=62920 iplen=44 seq=3341807583 ack=0 win=1024",
  ],
  [
    "kernel syn ack",
    KERNEL_SYN_ACK_FRAME,
    "TCP 10.98.0.2:8080 > 10.98.0.1:39396 SA ttl=64 id=0 iplen=60 seq=2728056781 ack=3955293202 win=65160",
  ],
  ["rst ack", RST_ACK_FRAME, "TCP 10.98.0.2:81 > 10.98.0.1:33572 RA ttl=64 id=0 iplen=40 seq=0 ack=3341807584 win=0"],
  [
    "data",
    DATA_FRAME,
    "TCP 10.98.0.2:8080 > 10.98.0.1:39396 PA ttl=64 id=52930 iplen=58 seq=2728056782 ack=3955293202 win=64",
  ],
  ["echo", ECHO_FRAME, "ICMP 10.98.0.1 > 10.98.0.2 type=8 code=0 ttl=64 id=4660 iplen=44 ident=4660 seq=1"],
  [
    "port unreachable",
    PORT_UNREACHABLE_FRAME,
    "ICMP 10.98.0.2 > 10.98.0.1 type=3 code=3 ttl=64 id=6588 iplen=59 about [UDP 10.98.0.1:60554 > 10.98.0.2:9 ttl=64 id=19185 iplen=31 payload=3]",
  ],
  [
    "time exceeded",
    TIME_EXCEEDED_FRAME,
    "ICMP 10.98.0.2 > 10.98.0.1 type=11 code=0 ttl=64 id=23430 iplen=72 about [TCP 10.98.0.1:50955 > 10.98.8.1:443 ttl=1 id=42898 iplen=44 seq=4195186609]",
  ],
  ["sctp init", SCTP_INIT_FRAME, "SCTP 10.98.0.1:58112 > 10.98.0.2:7 ttl=37 id=19453 iplen=52 vtag=0 chunk=1"],
  [
    "echo6",
    ECHO6_FRAME,
    "ICMPv6 fd00:62::1 > fd00:62::2 type=128 code=0 hlim=64 flow=137716 iplen=64 ident=4660 seq=1",
  ],
  ["udp6", UDP6_FRAME, "UDP [fd00:62::1]:43768 > [fd00:62::2]:9 hlim=255 flow=0 iplen=51 payload=3"],
  [
    "neighbour solicitation",
    NEIGHBOUR_SOLICITATION_FRAME,
    "ICMPv6 fd00:62::1 > ff02::1:ff00:2 type=135 code=0 hlim=255 flow=0 iplen=72 target=fd00:62::2",
  ],
  [
    "port unreachable6",
    PORT_UNREACHABLE6_FRAME,
    "ICMPv6 fd00:62::2 > fd00:62::1 type=1 code=4 hlim=64 flow=634641 iplen=99 about [UDP [fd00:62::1]:43768 > [fd00:62::2]:9 hlim=255 flow=0 iplen=51 payload=3]",
  ],
  ["last fragment", LAST_FRAGMENT_FRAME, "UDP fd00:62::1 > fd00:62::2 later fragment hlim=64 flow=866215 iplen=208"],
];

describe("packetLine", () => {
  it.each(FRAMES)("%s", (_what, frame, text) => {
    expect(line(frame)).toBe(`RCVD (0.0350s) ${text}`);
    expect(line(frame, "sent")).toBe(`SENT (0.0350s) ${text}`);
  });

  it("tells of connects", () => {
    const connect = { kind: "connect", atMs: 1234.5, address: "fd00::1", port: 80 } as const;
    expect(packetLine({ ...connect, direction: "sent", outcome: undefined })).toBe(
      "CONN (1.2345s) TCP fd00::1 port 80: connecting",
    );
    expect(packetLine({ ...connect, direction: "received", outcome: "connected" })).toMatch(/port 80: connected$/);
  });

  it("is one line of text whatever came, and however much of it", () => {
    for (const [, frame] of FRAMES) {
      for (let end = ETHERNET_HEADER_BYTES; end < frame.length; end++)
        expect(line(frame.slice(0, end))).toMatch(/^RCVD [ -~]+$/);
    }
    const etherType = fc.constantFrom(ETHER_TYPE_IPV4, ETHER_TYPE_IPV6, ETHER_TYPE_ARP, 0x1234);
    const heads = fc.constantFrom([], [0x45], [0x46], [0x60]);
    const bytes = fc
      .tuple(heads, fc.uint8Array({ maxLength: 120 }))
      .map(([head, rest]) => Uint8Array.of(...head, ...rest));
    fc.assert(
      fc.property(etherType, bytes, (type, packet) => {
        const text = packetLine({ kind: "packet", direction: "received", atMs: 0, etherType: type, bytes: packet });
        expect(text).toMatch(/^RCVD \(0\.0000s\) [ -~]+$/);
      }),
    );
  });
});
