import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileFilter, type ReceiveWish } from "./bpf.js";

const ETHER_TYPE_IPV4 = 0x0800;
const ETHER_TYPE_ARP = 0x0806;
const ETHER_TYPE_IPV6 = 0x86dd;
const PROTOCOLS = { tcp: 6, udp: 17, sctp: 132 } as const;
const ANCILLARY_PROTOCOL = 0xfffff000;
const INSTRUCTION_BYTES = 8;

/** What the interpreter works on. */
interface Machine {
  accumulator: number;
  index: number;
}

/** Thrown by a load behind the packet's end: the kernel then drops the packet. */
class OutOfPacket extends Error {}

function load(packet: Uint8Array, at: number, size: number): number {
  if (at < 0 || at + size > packet.length) throw new OutOfPacket();
  let value = 0;
  for (let index = 0; index < size; index++) value = value * 256 + (packet[at + index] ?? 0);
  return value;
}

/** The loads and jumps of classic BPF (Documentation/networking/filter.rst) that a receive filter needs. */
const LOADS: Readonly<
  Record<number, (machine: Machine, operand: number, packet: Uint8Array, etherType: number) => void>
> = {
  // ldh [k], which is the EtherType for SKF_AD_PROTOCOL
  40: (machine, operand, packet, etherType) => {
    machine.accumulator = operand === ANCILLARY_PROTOCOL ? etherType : load(packet, operand, 2);
  },
  // ldb [k]
  48: (machine, operand, packet) => {
    machine.accumulator = load(packet, operand, 1);
  },
  // ldh [x + k]
  72: (machine, operand, packet) => {
    machine.accumulator = load(packet, machine.index + operand, 2);
  },
  // ldb [x + k]
  80: (machine, operand, packet) => {
    machine.accumulator = load(packet, machine.index + operand, 1);
  },
  // ldx 4 * ([k] & 0xf)
  177: (machine, operand, packet) => {
    machine.index = 4 * (load(packet, operand, 1) & 0xf);
  },
};
const JUMPS: Readonly<Record<number, (accumulator: number, operand: number) => boolean>> = {
  21: (accumulator, operand) => accumulator === operand,
  37: (accumulator, operand) => accumulator > operand,
  53: (accumulator, operand) => accumulator >= operand,
  69: (accumulator, operand) => (accumulator & operand) !== 0,
};
const RETURN = 0x06;

/** Runs a program as the kernel would. Returns how many bytes are let through; throws where the kernel would refuse it. */
function run(program: Uint8Array, packet: Uint8Array, etherType: number): number {
  try {
    return interpret(program, packet, etherType);
  } catch (error) {
    if (error instanceof OutOfPacket) return 0;
    throw error;
  }
}

function interpret(program: Uint8Array, packet: Uint8Array, etherType: number): number {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const machine: Machine = { accumulator: 0, index: 0 };
  for (let at = 0; at < program.length; at += INSTRUCTION_BYTES) {
    const code = view.getUint16(at, true);
    const operand = view.getUint32(at + 4, true);
    if (code === RETURN) return operand;
    const jump = JUMPS[code];
    const instruction = LOADS[code];
    if (jump !== undefined) {
      at += view.getUint8(at + (jump(machine.accumulator, operand) ? 2 : 3)) * INSTRUCTION_BYTES;
    } else if (instruction !== undefined) {
      instruction(machine, operand, packet, etherType);
    } else {
      throw new Error(`instruction ${code.toString(16)}`);
    }
  }
  throw new Error("ran out of the program");
}

/** An IPv4 packet with a header of so many words, cut or padded to a length. */
function ipv4(protocol: number, payload: readonly number[], words = 5, fragment = 0): Uint8Array {
  const bytes = new Uint8Array(words * 4 + payload.length);
  bytes[0] = 0x40 | words;
  bytes[6] = fragment >> 8;
  bytes[7] = fragment & 255;
  bytes[9] = protocol;
  bytes.set(payload, words * 4);
  return bytes;
}

function tcp(targetPort: number, words?: number, fragment?: number): Uint8Array {
  return ipv4(6, [0, 80, targetPort >> 8, targetPort & 255, ...new Array<number>(16).fill(0)], words, fragment);
}

/** An IPv6 packet whose header says that this follows. */
function ipv6(nextHeader: number, payload: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(40 + payload.length);
  bytes[0] = 0x60;
  bytes[6] = nextHeader;
  bytes.set(payload, 40);
  return bytes;
}

/** The first 8 bytes of every transport header with ports. */
function ports(target: number): readonly number[] {
  return [0, 80, target >> 8, target & 255, 0, 0, 0, 0];
}

function arpOperation(operation: number): Uint8Array {
  return Uint8Array.of(0, 1, 8, 0, 6, 4, 0, operation, ...new Array<number>(20).fill(0));
}

const TCP_WISH: ReceiveWish = { kind: "tcp", firstPort: 30_000, portCount: 16 };
const ICMP_WISH: ReceiveWish = { kind: "icmpv4", types: [0, 3, 11] };
const ARP_WISH: ReceiveWish = { kind: "arp-reply" };
const ALL = [TCP_WISH, ICMP_WISH, ARP_WISH];

function isTaken(wishes: readonly ReceiveWish[], packet: Uint8Array, etherType: number = ETHER_TYPE_IPV4): boolean {
  return run(compileFilter(wishes), packet, etherType) > 0;
}

describe("a wish for TCP segments", () => {
  test.each([
    [29_999, false],
    [30_000, true],
    [30_015, true],
    [30_016, false],
    [0, false],
    [65_535, false],
  ])("port %i is taken: %s", (port, expected) => {
    expect(isTaken([TCP_WISH], tcp(port))).toBe(expected);
  });

  test("reaches the highest port, and a single one", () => {
    expect(isTaken([{ kind: "tcp", firstPort: 65_535, portCount: 1 }], tcp(65_535))).toBe(true);
    expect(isTaken([{ kind: "tcp", firstPort: 65_535, portCount: 1 }], tcp(65_534))).toBe(false);
  });

  test("finds the ports behind IPv4 options", () => {
    for (const words of [5, 6, 15]) expect(isTaken([TCP_WISH], tcp(30_001, words))).toBe(true);
  });

  test("takes no fragments but a first one, whatever stands where the ports would be", () => {
    expect(isTaken([TCP_WISH], tcp(30_001, 5, 0x0001))).toBe(false);
    expect(isTaken([TCP_WISH], tcp(30_001, 5, 0x1fff))).toBe(false);
    expect(isTaken([TCP_WISH], tcp(30_001, 5, 0x4000))).toBe(true); // don't fragment
    expect(isTaken([TCP_WISH], tcp(30_001, 5, 0x2000))).toBe(true); // more fragments follow
  });

  test("takes nothing of another protocol or EtherType", () => {
    expect(isTaken([TCP_WISH], ipv4(17, [...tcp(30_001).subarray(20)]))).toBe(false);
    expect(isTaken([TCP_WISH], tcp(30_001), ETHER_TYPE_ARP)).toBe(false);
    expect(isTaken([TCP_WISH], tcp(30_001), ETHER_TYPE_IPV6)).toBe(false);
  });
});

describe.each(["tcp", "udp", "sctp"] as const)("a wish for %s", (kind) => {
  const wishes: readonly ReceiveWish[] = [{ kind, firstPort: 30_000, portCount: 16 }];
  const protocol = PROTOCOLS[kind];

  test.each([
    [29_999, false],
    [30_000, true],
    [30_015, true],
    [30_016, false],
  ])("takes target port %i over both families: %s", (port, expected) => {
    expect(isTaken(wishes, ipv4(protocol, ports(port)))).toBe(expected);
    expect(isTaken(wishes, ipv4(protocol, ports(port), 15))).toBe(expected);
    expect(isTaken(wishes, ipv6(protocol, ports(port)), ETHER_TYPE_IPV6)).toBe(expected);
  });

  test("takes nothing of another protocol, EtherType or behind an extension header", () => {
    for (let other = 0; other < 256; other++) {
      if (other === protocol) continue;
      expect(isTaken(wishes, ipv4(other, ports(30_001)))).toBe(false);
      expect(isTaken(wishes, ipv6(other, ports(30_001)), ETHER_TYPE_IPV6)).toBe(false);
    }
    expect(isTaken(wishes, ipv6(protocol, ports(30_001)), ETHER_TYPE_IPV4)).toBe(false);
    const fragment = [protocol, 0, 0, 1, 0, 0, 0, 0, ...ports(30_001)];
    expect(isTaken(wishes, ipv6(44, fragment), ETHER_TYPE_IPV6)).toBe(false);
  });

  test("takes nothing that is cut before the port", () => {
    const whole = ipv6(protocol, ports(30_001));
    for (let length = 0; length < 44; length++) {
      expect(isTaken(wishes, whole.slice(0, length), ETHER_TYPE_IPV6)).toBe(false);
    }
    expect(isTaken(wishes, whole.slice(0, 44), ETHER_TYPE_IPV6)).toBe(true);
  });
});

describe("a wish for ICMPv6", () => {
  const wishes: readonly ReceiveWish[] = [{ kind: "icmpv6", types: [1, 3, 129, 136] }];

  test("takes the types that were named and no others, and no ICMP of IPv4", () => {
    const types = Array.from({ length: 256 }, (_, type) => type);
    const taken = types.filter((type) => isTaken(wishes, ipv6(58, [type, 0]), ETHER_TYPE_IPV6));
    expect(taken).toEqual([1, 3, 129, 136]);
    expect(types.filter((type) => isTaken(wishes, ipv4(1, [type, 0])))).toEqual([]);
    expect(types.filter((type) => isTaken(wishes, ipv4(58, [type, 0])))).toEqual([]);
  });

  test("of 200 types is the most that fits into the jumps", () => {
    const types = Array.from({ length: 200 }, (_, index) => index);
    const many: readonly ReceiveWish[] = [
      { kind: "icmpv6", types },
      { kind: "icmpv4", types },
    ];
    for (const type of [0, 1, 199]) expect(isTaken(many, ipv6(58, [type, 0]), ETHER_TYPE_IPV6)).toBe(true);
    expect(isTaken(many, ipv6(58, [200, 0]), ETHER_TYPE_IPV6)).toBe(false);
    expect(isTaken(many, ipv4(1, [199, 0]))).toBe(true);
    expect(isTaken(many, arpOperation(2), ETHER_TYPE_ARP)).toBe(false);
    const tooMany = Array.from({ length: 256 }, (_, index) => index);
    expect(() => compileFilter([{ kind: "icmpv4", types: tooMany }])).toThrow(RangeError);
  });
});

describe("a wish for reports of MLD", () => {
  const wishes: readonly ReceiveWish[] = [{ kind: "mld-report" }];
  /** Hop-by-hop options of so many units more than one, then an ICMPv6 message. */
  const report = (type: number, nextHeader = 58, units = 0): Uint8Array =>
    ipv6(0, [nextHeader, units, 5, 2, 0, 0, 1, 0, ...new Array<number>(units * 8).fill(0), type, 0]);

  test("takes both versions of them behind their options, and nothing else", () => {
    const types = Array.from({ length: 256 }, (_, type) => type);
    expect(types.filter((type) => isTaken(wishes, report(type), ETHER_TYPE_IPV6))).toEqual([131, 143]);
    expect(isTaken(wishes, report(143), ETHER_TYPE_IPV4)).toBe(false);
    expect(isTaken(wishes, report(143, 17), ETHER_TYPE_IPV6)).toBe(false);
    expect(isTaken(wishes, report(143, 58, 1), ETHER_TYPE_IPV6)).toBe(false);
    expect(isTaken(wishes, ipv6(58, [143, 0, 0, 0, 0, 0, 0, 0, 143, 0]), ETHER_TYPE_IPV6)).toBe(false);
    expect(isTaken(wishes, report(143).slice(0, 48), ETHER_TYPE_IPV6)).toBe(false);
  });
});

describe("a wish for IP protocols", () => {
  test("takes every packet of IPv4 and IPv6, fragments too, and nothing else", () => {
    const wishes: readonly ReceiveWish[] = [{ kind: "ip-protocols" }];
    expect(isTaken(wishes, ipv4(47, [], 5, 0x0001))).toBe(true);
    expect(isTaken(wishes, ipv6(44, []), ETHER_TYPE_IPV6)).toBe(true);
    for (const type of [ETHER_TYPE_ARP, 0x88cc, 0x8100]) expect(isTaken(wishes, ipv4(6, []), type)).toBe(false);
  });
});

describe("a wish for ICMP", () => {
  test("takes the types that were named and no others", () => {
    const taken = Array.from({ length: 256 }, (_, type) => type).filter((type) =>
      isTaken([ICMP_WISH], ipv4(1, [type, 0])),
    );
    expect(taken).toEqual([0, 3, 11]);
  });
});

describe("a wish for ARP", () => {
  test("takes replies only", () => {
    expect([1, 2, 3].map((operation) => isTaken([ARP_WISH], arpOperation(operation), ETHER_TYPE_ARP))).toEqual([
      false,
      true,
      false,
    ]);
    expect(isTaken([ARP_WISH], arpOperation(2))).toBe(false);
  });

  test("takes requests only, where they are wished for", () => {
    const wishes: readonly ReceiveWish[] = [{ kind: "arp-request" }];
    const taken = [0, 1, 2, 3].filter((operation) => isTaken(wishes, arpOperation(operation), ETHER_TYPE_ARP));
    expect(taken).toEqual([1]);
    expect(isTaken(wishes, ipv6(58, [1, 0]), ETHER_TYPE_IPV6)).toBe(false);
  });
});

describe("several wishes", () => {
  test("take what any of them wants, in any order, and nothing else", () => {
    for (const wishes of [ALL, [...ALL].reverse(), [ICMP_WISH, TCP_WISH, ARP_WISH, TCP_WISH]]) {
      expect(isTaken(wishes, tcp(30_003))).toBe(true);
      expect(isTaken(wishes, ipv4(1, [11, 0]))).toBe(true);
      expect(isTaken(wishes, arpOperation(2), ETHER_TYPE_ARP)).toBe(true);
      expect(isTaken(wishes, tcp(22))).toBe(false);
      expect(isTaken(wishes, ipv4(1, [8, 0]))).toBe(false);
      expect(isTaken(wishes, ipv4(17, [0, 0, 0x75, 0x33]))).toBe(false);
      expect(isTaken(wishes, arpOperation(1), ETHER_TYPE_ARP)).toBe(false);
    }
  });

  test("no wish takes nothing", () => {
    expect(isTaken([], tcp(30_000))).toBe(false);
  });

  test("a packet is taken whole", () => {
    expect(run(compileFilter(ALL), tcp(30_000), ETHER_TYPE_IPV4)).toBe(0xffff);
  });

  test("what is cut before the place that decides is not taken", () => {
    const whole = tcp(30_001);
    for (let length = 0; length < 24; length++) expect(isTaken([TCP_WISH], whole.slice(0, length))).toBe(false);
    expect(isTaken([TCP_WISH], whole.slice(0, 24))).toBe(true);
  });

  test("no packet makes the program leave its bounds", () => {
    const wish = fc.oneof(
      fc.constantFrom<ReceiveWish>(ARP_WISH, { kind: "arp-request" }, { kind: "mld-report" }, { kind: "ip-protocols" }),
      fc.record({
        kind: fc.constantFrom("tcp" as const, "udp" as const, "sctp" as const),
        firstPort: fc.nat(65_535),
        portCount: fc.integer({ min: 1, max: 64 }),
      }),
      fc.record({
        kind: fc.constantFrom("icmpv4" as const, "icmpv6" as const),
        types: fc.uniqueArray(fc.nat(255), { minLength: 1, maxLength: 9 }),
      }),
    );
    const packet = fc.uint8Array({ maxLength: 64 });
    const etherType = fc.constantFrom(ETHER_TYPE_IPV4, ETHER_TYPE_ARP, ETHER_TYPE_IPV6);
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 6 }), packet, etherType, (wishes, bytes, type) => {
        expect([0, 0xffff]).toContain(run(compileFilter(wishes), bytes, type));
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  test("stays far below the 4,096 instructions that the kernel takes (BPF_MAXINSNS)", () => {
    expect(compileFilter(ALL).length / INSTRUCTION_BYTES).toBeLessThan(64);
  });
});
