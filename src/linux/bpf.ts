// Classic BPF programs (kernel: Documentation/networking/filter.rst) made from what techniques wish to receive, so that
// the kernel hands over little more than answers. Offsets count from the network header: the sockets are SOCK_DGRAM.

/** One kind of packet that a technique wants to see. */
export type ReceiveWish =
  | { readonly kind: "arp-reply" }
  /** TCP segments whose target port, one of ours, lies in first … first + count - 1. */
  | { readonly kind: "tcp"; readonly firstPort: number; readonly portCount: number }
  | { readonly kind: "icmpv4"; readonly types: readonly number[] };

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
const ETHER_TYPE_IPV4 = 0x0800;
const ETHER_TYPE_ARP = 0x0806;
const FRAGMENT_OFFSET_BITS = 0x1fff;
const INSTRUCTION_BYTES = 8;

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

function block(wish: ReceiveWish): Instruction[] {
  switch (wish.kind) {
    case "arp-reply":
      return [
        load(LOAD_HALF, ANCILLARY_PROTOCOL),
        jump(JUMP_EQUAL, ETHER_TYPE_ARP, "on", "leave"),
        load(LOAD_HALF, 6), // operation, RFC 826
        jump(JUMP_EQUAL, 2, "take", "leave"),
      ];
    case "tcp":
      return [
        ...ipv4Block(6),
        load(LOAD_HALF_INDEXED, 2),
        jump(JUMP_GREATER_EQUAL, wish.firstPort, "on", "leave"),
        jump(JUMP_GREATER, wish.firstPort + wish.portCount - 1, "leave", "take"),
      ];
    case "icmpv4":
      return [
        ...ipv4Block(1),
        load(LOAD_BYTE_INDEXED, 0),
        ...wish.types.map((type, index) =>
          jump(JUMP_EQUAL, type, "take", index === wish.types.length - 1 ? "leave" : "on"),
        ),
      ];
  }
}

/** The instructions of all wishes, packed as struct sock_filter { u16 code; u8 jt, jf; u32 k }. */
export function compileFilter(wishes: readonly ReceiveWish[]): Uint8Array {
  const blocks = wishes.map(block);
  const count = blocks.reduce((sum, part) => sum + part.length + 1, 1);
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
  for (const part of blocks) {
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
