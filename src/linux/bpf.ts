// Classic BPF programs (kernel: Documentation/networking/filter.rst) made from what techniques wish to receive, so that
// the kernel hands over little more than answers. Offsets count from the network header: the sockets are SOCK_DGRAM.
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from "../packet/ethernet.js";
import { PROTOCOL_HOP_BY_HOP } from "../packet/ipv6.js";
import { MLD_REPORT, MLD_REPORT_V2, ROUTER_ALERT_BYTES } from "../packet/mld.js";

/** One kind of packet that a technique wants to see, over IPv4 and IPv6 alike where it does not name one. */
export type ReceiveWish =
  | { readonly kind: "arp-request" | "arp-reply" }
  /** Packets whose target port, one of ours, lies in first … first + count - 1. */
  | { readonly kind: "tcp" | "udp" | "sctp"; readonly firstPort: number; readonly portCount: number }
  /** Messages of these types, from 1 to 200 of them. */
  | { readonly kind: "icmpv4" | "icmpv6"; readonly types: readonly number[] }
  /** Reports of MLD, which stand behind a router alert of 8 bytes (RFC 3810 §5). */
  | { readonly kind: "mld-report" }
  /** Every packet of IPv4 and IPv6: what a scan of IP protocols can be answered with. */
  | { readonly kind: "ip-protocols" };

const LOAD_HALF = 0x28;
const LOAD_BYTE = 0x30;
const LOAD_HALF_INDEXED = 0x48;
const LOAD_BYTE_INDEXED = 0x50;
/** X = 4 * (byte & 15): the length of the IPv4 header. */
const LOAD_IP_HEADER_BYTES = 0xb1;
const JUMP_EQUAL = 0x15;
const JUMP_GREATER = 0x25;
const JUMP_GREATER_EQUAL = 0x35;
const JUMP_BITS = 0x45;
const RETURN = 0x06;

/** Ancillary load of the frame's EtherType: SKF_AD_OFF + SKF_AD_PROTOCOL (include/uapi/linux/filter.h). */
const ANCILLARY_PROTOCOL = 0xfffff000;
const WHOLE_PACKET = 0xffff;
const PROTOCOL_NUMBERS = { icmpv4: 1, tcp: 6, udp: 17, icmpv6: 58, sctp: 132 } as const;
const ARP_OPERATIONS = { "arp-request": 1, "arp-reply": 2 } as const;
/** RFC 8200 §3. */
const IPV6_NEXT_HEADER_AT = 6;
const IPV6_HEADER_BYTES = 40;
const FRAGMENT_OFFSET_BITS = 0x1fff;
const INSTRUCTION_BYTES = 8;
/** Distances are of 8 bits. */
const JUMP_MAX = 255;

/** Where a jump goes: on in the block, to the block's verdict, or out of the block. */
type Way = "on" | "take" | "leave";

interface Instruction {
  readonly code: number;
  readonly operand: number;
  readonly whenTrue?: Way;
  readonly whenFalse?: Way;
}

const load = (code: number, operand: number): Instruction => ({ code, operand });
const jump = (code: number, operand: number, whenTrue: Way, whenFalse: Way): Instruction => ({
  code,
  operand,
  whenTrue,
  whenFalse,
});

/** What leads to the transport header of an unfragmented IPv4 datagram of this protocol, in X. */
function ipv4Block(protocol: number): Instruction[] {
  return [
    load(LOAD_HALF, ANCILLARY_PROTOCOL),
    jump(JUMP_EQUAL, ETHER_TYPE_IPV4, "on", "leave"),
    load(LOAD_BYTE, 9),
    jump(JUMP_EQUAL, protocol, "on", "leave"),
    load(LOAD_HALF, 6),
    jump(JUMP_BITS, FRAGMENT_OFFSET_BITS, "leave", "on"),
    load(LOAD_IP_HEADER_BYTES, 0),
  ];
}

/** What leads to an IPv6 packet of this protocol: no extension header stands between, and so no fragment is taken. */
function ipv6Block(protocol: number): Instruction[] {
  return [
    load(LOAD_HALF, ANCILLARY_PROTOCOL),
    jump(JUMP_EQUAL, ETHER_TYPE_IPV6, "on", "leave"),
    load(LOAD_BYTE, IPV6_NEXT_HEADER_AT),
    jump(JUMP_EQUAL, protocol, "on", "leave"),
  ];
}

function arpBlock(operation: number): Instruction[] {
  return [
    load(LOAD_HALF, ANCILLARY_PROTOCOL),
    jump(JUMP_EQUAL, ETHER_TYPE_ARP, "on", "leave"),
    load(LOAD_HALF, 6), // RFC 826
    jump(JUMP_EQUAL, operation, "take", "leave"),
  ];
}

/** What leads from hop-by-hop options of 8 bytes to the type of an ICMPv6 message behind them. */
function alertBlock(): Instruction[] {
  return [
    load(LOAD_BYTE, IPV6_HEADER_BYTES),
    jump(JUMP_EQUAL, PROTOCOL_NUMBERS.icmpv6, "on", "leave"),
    load(LOAD_BYTE, IPV6_HEADER_BYTES + 1),
    jump(JUMP_EQUAL, 0, "on", "leave"),
    load(LOAD_BYTE, IPV6_HEADER_BYTES + ROUTER_ALERT_BYTES),
  ];
}

/** Ends a block: takes a target port, which is loaded, of a range. */
function portsEnd(first: number, count: number): Instruction[] {
  return [jump(JUMP_GREATER_EQUAL, first, "on", "leave"), jump(JUMP_GREATER, first + count - 1, "leave", "take")];
}

/** Ends a block: takes a type, which is loaded, out of several. */
function typesEnd(types: readonly number[]): Instruction[] {
  return types.map((type, index) => jump(JUMP_EQUAL, type, "take", index === types.length - 1 ? "leave" : "on"));
}

/** The blocks of a wish: a packet is wished for when any of them takes it. */
function blocks(wish: ReceiveWish): Instruction[][] {
  switch (wish.kind) {
    case "arp-request":
    case "arp-reply":
      return [arpBlock(ARP_OPERATIONS[wish.kind])];
    case "tcp":
    case "udp":
    case "sctp": {
      const protocol = PROTOCOL_NUMBERS[wish.kind];
      const end = portsEnd(wish.firstPort, wish.portCount);
      return [
        [...ipv4Block(protocol), load(LOAD_HALF_INDEXED, 2), ...end],
        [...ipv6Block(protocol), load(LOAD_HALF, IPV6_HEADER_BYTES + 2), ...end],
      ];
    }
    case "icmpv4":
      return [[...ipv4Block(PROTOCOL_NUMBERS.icmpv4), load(LOAD_BYTE_INDEXED, 0), ...typesEnd(wish.types)]];
    case "icmpv6":
      return [[...ipv6Block(PROTOCOL_NUMBERS.icmpv6), load(LOAD_BYTE, IPV6_HEADER_BYTES), ...typesEnd(wish.types)]];
    case "mld-report":
      return [[...ipv6Block(PROTOCOL_HOP_BY_HOP), ...alertBlock(), ...typesEnd([MLD_REPORT, MLD_REPORT_V2])]];
    case "ip-protocols":
      return [
        [
          load(LOAD_HALF, ANCILLARY_PROTOCOL),
          jump(JUMP_EQUAL, ETHER_TYPE_IPV4, "take", "on"),
          jump(JUMP_EQUAL, ETHER_TYPE_IPV6, "take", "leave"),
        ],
      ];
  }
}

/** The instructions of all wishes, packed as struct sock_filter { u16 code; u8 jt, jf; u32 k }. */
export function compileFilter(wishes: readonly ReceiveWish[]): Uint8Array {
  const parts = wishes.flatMap(blocks);
  const count = parts.reduce((sum, part) => sum + part.length + 1, 1);
  const bytes = new Uint8Array(count * INSTRUCTION_BYTES);
  const view = new DataView(bytes.buffer);
  let at = 0;
  const emit = (code: number, whenTrue: number, whenFalse: number, operand: number): void => {
    view.setUint16(at, code, true);
    view.setUint8(at + 2, whenTrue);
    view.setUint8(at + 3, whenFalse);
    view.setUint32(at + 4, operand, true);
    at += INSTRUCTION_BYTES;
  };
  for (const part of parts) {
    if (part.length > JUMP_MAX) throw new RangeError("too many types in one wish for a jump over them");
    for (const [index, { code, operand, whenTrue = "on", whenFalse = "on" }] of part.entries()) {
      const toVerdict = part.length - index - 1;
      const distance = { on: 0, take: toVerdict, leave: toVerdict + 1 };
      emit(code, distance[whenTrue], distance[whenFalse], operand);
    }
    emit(RETURN, 0, 0, WHOLE_PACKET);
  }
  emit(RETURN, 0, 0, 0);
  return bytes;
}
