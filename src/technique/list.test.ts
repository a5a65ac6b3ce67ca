import { existsSync, readdirSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ECONNREFUSED } from "../linux/errno.js";
import { PORT_STATES } from "../model/port-state.js";
import { REASON_NAMES } from "../model/reason.js";
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from "../packet/ethernet.js";
import { type Address, parseAddress } from "../target/address.js";
import { answersTo, isWishedBy, type SentAnswer } from "./answers.test.data.js";
import { Cookies, LANE_COUNT, TRIES_MAX } from "./cookies.js";
import { FrameView } from "./frame-view.js";
import { icmpErrorFrame, OWN, OWN_IPV6, probeTo, writtenBy } from "./frames.test.data.js";
import { numberOf, TECHNIQUES } from "./list.js";
import { createAnswer, type FrameTechnique, type ProbeSlot, type SocketTechnique } from "./technique.js";

const OURS = new Cookies(0x1234_5678, 0x9abc_def0, 30_000);
const FOREIGN = new Cookies(0x1234_5679, 0x9abc_def0, 30_000);
const TRY = 3;
const HOST = 0x0a00_0007;
const HOST_IPV6 = ipv6("fd00::7");
const FRAME_TECHNIQUES = TECHNIQUES.filter((one): one is FrameTechnique => one.kind === "frame");
const SOCKET_TECHNIQUES = TECHNIQUES.filter((one): one is SocketTechnique => one.kind === "socket");

/** Each technique over each family that it names, with all that could be sent about its probes to the host. */
const WAYS = FRAME_TECHNIQUES.flatMap((technique) =>
  technique.families.map((family) => ({
    title: `${technique.name} over IPv${family}`,
    technique,
    family,
    answers: answersOf(technique, family, OURS),
  })),
);

/** What the IPv6 header may be followed by before the payload (RFC 8200 §4): a probe has nothing behind it, so it is cut. */
const EXTENSION_HEADERS = [0, 43, 44, 51, 60];

/**
 * What carries no cookie, by technique and kind of packet, and why. Everything else that a technique reads must prove that
 * its sender has seen the probe.
 */
const UNPROVEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  arp: { arp: "28 bytes without room: it comes from our own link, and shows a host up at most" },
  "neighbour-solicitation": { neighbour: "no room, either: the hop limit says that it comes from our own link" },
  udp: { udp: "the answer to a datagram repeats our source port, and nothing else of it" },
  "ip-protocol": {
    udp: "as for udp",
    other: "nothing comes back of a datagram of a protocol that answers in its own way",
  },
};

function ipv6(text: string): Uint8Array {
  const address = parseAddress(text);
  return address?.family === 6 ? address.bytes : new Uint8Array(16);
}

function isUnproven(technique: FrameTechnique, frame: FrameView): boolean {
  return UNPROVEN[technique.name]?.[frame.kind] !== undefined;
}

/** Hosts of a family, each beside the others. */
function hostOf(family: 4 | 6, offset = 0): number | Uint8Array {
  return family === 4 ? HOST + offset : Uint8Array.of(...HOST_IPV6.subarray(0, 15), 7 + offset);
}

function routerOf(family: 4 | 6): number | Uint8Array {
  return family === 4 ? 0x0a09_0909 : ipv6("fd09::9");
}

/** Ports worth a look: for IP protocols one that is written with a header of each kind, and one without. */
function portsOf(technique: FrameTechnique, family: 4 | 6): readonly number[] {
  if (technique.protocol === "ip") return [6, 17, 132, family === 4 ? 1 : 58, 2, 50];
  return [technique.protocol === undefined ? 0 : 443];
}

function probesOf(technique: FrameTechnique, family: 4 | 6, cookies: Cookies): readonly ProbeSlot[] {
  return portsOf(technique, family).map((port) => probeTo(hostOf(family), port, TRY, cookies));
}

/** All that could be sent about the technique's probes, by the host `offset` addresses on. */
function answersOf(technique: FrameTechnique, family: 4 | 6, cookies: Cookies, offset = 0): readonly SentAnswer[] {
  return probesOf(technique, family, cookies).flatMap((probe) =>
    answersTo(writtenBy(technique, probe), hostOf(family, offset), routerOf(family)),
  );
}

function parsed({ bytes, etherType }: SentAnswer, isTrusted = false): FrameView | undefined {
  const view = new FrameView(OURS);
  return view.parse(bytes, 0, bytes.length, etherType, isTrusted) ? view : undefined;
}

function etherTypeOf(technique: FrameTechnique, family: 4 | 6): number {
  if (family === 6) return ETHER_TYPE_IPV6;
  return technique.name === "arp" ? ETHER_TYPE_ARP : ETHER_TYPE_IPV4;
}

function probesFor(technique: FrameTechnique, family: 4 | 6): fc.Arbitrary<ProbeSlot> {
  const address = fc.uint8Array({ minLength: 16, maxLength: 16 });
  const ports = technique.protocol === "ip" ? fc.nat(255) : fc.nat(65_535);
  const fields = fc.record({
    sourceAddress: fc.nat(0xffff_ffff),
    targetAddress: fc.nat(0xffff_ffff),
    source: address,
    target: address,
    sourceMac: fc.uint8Array({ minLength: 6, maxLength: 6 }),
    targetPort: family === 6 ? ports.filter((port) => !EXTENSION_HEADERS.includes(port)) : ports,
    tryIndex: fc.nat(TRIES_MAX - 1),
    ttl: fc.integer({ min: 1, max: 255 }),
    flags: fc.oneof(fc.constant(-1), fc.nat(255)),
    payload: technique.protocol === "udp" ? fc.uint8Array({ maxLength: 41 }) : fc.constant(new Uint8Array(0)),
  });
  return fields.map((probe) => {
    // A target of multicast is nobody's neighbour, and such a solicitation is refused (RFC 4861 §7.1.1).
    if (technique.layer === "link" && probe.target[0] === 0xff) probe.target[0] = 0xfd;
    const targetKey = family === 4 ? probe.targetAddress : OURS.keyOf(probe.target, 0);
    return { ...probe, family, targetKey, cookies: OURS };
  });
}

describe("every technique", () => {
  test("has a name of its own, which is its file's, and every file is in the list", () => {
    const shared = [
      "cookies",
      "datagram",
      "frame-view",
      "icmp-probe",
      "list",
      "payload-notation",
      "sctp-probe",
      "segment-traits",
      "tcp-probe",
      "technique",
      "udp-payloads",
      "unreachable",
    ];
    const files = readdirSync(new URL(".", import.meta.url))
      .filter((file) => file.endsWith(".ts") && !file.includes(".test."))
      .map((file) => file.slice(0, -".ts".length))
      .filter((name) => !shared.includes(name));
    expect(TECHNIQUES.map(({ name }) => name).sort()).toEqual(files.sort());
  });

  test("has an option of its own within its family", () => {
    const words = TECHNIQUES.flatMap(({ option, families }) => families.map((family) => `${option} ${family}`));
    expect(new Set(words).size).toBe(words.length);
    for (const { option } of TECHNIQUES) expect(option).toMatch(/^-[sP][A-Z]$/);
  });

  test("has a number, its place in the list, that fits where numbers are packed", () => {
    expect(TECHNIQUES.map(({ name }) => numberOf(name))).toEqual([...TECHNIQUES.keys()]);
    expect(TECHNIQUES.length).toBeLessThanOrEqual(64);
    expect(() => numberOf("tcp")).toThrow(RangeError);
  });

  test("has a lane of its own, or none", () => {
    const lanes = FRAME_TECHNIQUES.map(({ lane }) => lane).filter((lane) => lane >= 0);
    expect(new Set(lanes).size).toBe(lanes.length);
    expect(Math.max(...lanes)).toBeLessThan(LANE_COUNT);
    for (const { lane, protocol } of FRAME_TECHNIQUES) expect(lane >= 0).toBe(protocol !== undefined);
  });
});

describe.each(TECHNIQUES)("$name", (technique) => {
  test("says what it is and where that is written down", () => {
    expect(technique.summary).toMatch(/^\S.*[^.\s]$/);
    expect(technique.sources.length).toBeGreaterThan(0);
    for (const source of technique.sources) expect(source).toMatch(/^(RFC \d+|nmap reference guide|connect\(2\))/);
  });

  test("declares outcomes that exist, and silence among them", () => {
    const known: readonly string[] = technique.protocol === undefined ? ["up", "down"] : PORT_STATES;
    expect(technique.outcomes.filter((outcome) => !known.includes(outcome))).toEqual([]);
    expect(new Set(technique.outcomes).size).toBe(technique.outcomes.length);
    expect(technique.outcomes).toContain(technique.silence);
  });

  test("has a page", () => {
    expect(existsSync(new URL(`../../docs/techniques/${technique.name}.md`, import.meta.url))).toBe(true);
  });
});

describe.each(WAYS)("$title writes", ({ technique, family }) => {
  test("a packet that holds together, within its bytes and no further", () => {
    fc.assert(
      fc.property(probesFor(technique, family), fc.nat(7), (probe, at) => {
        const bytesMax = technique.probeBytesMax + probe.payload.length;
        const out = new Uint8Array(at + bytesMax + 8).fill(0xa5);
        const length = technique.write(out, at, probe);
        expect(length).toBeGreaterThan(0);
        expect(length).toBeLessThanOrEqual(bytesMax);
        expect([...out.subarray(0, at), ...out.subarray(at + length)].every((byte) => byte === 0xa5)).toBe(true);
        expect(new FrameView(OURS).parse(out, at, at + length, etherTypeOf(technique, family), false)).toBe(true);
        // What was in the buffer before leaves no trace.
        const clean = new Uint8Array(out.length);
        technique.write(clean, at, probe);
        expect(clean.subarray(at, at + length)).toEqual(out.subarray(at, at + length));
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test("the same packet anew as over an older one to the same host", () => {
    const portMax = technique.protocol === "ip" ? 255 : 65_535;
    fc.assert(
      fc.property(
        probesFor(technique, family),
        fc.nat(portMax),
        fc.nat(TRIES_MAX - 1),
        fc.uint8Array({ maxLength: 41 }),
        (probe, targetPort, tryIndex, payload) => {
          const older = technique.protocol === "udp" ? payload : probe.payload;
          const out = new Uint8Array(technique.probeBytesMax + 41);
          technique.write(out, 0, { ...probe, targetPort, tryIndex, payload: older });
          const length = technique.rewrite(out, 0, probe);
          expect(out.subarray(0, length)).toEqual(writtenBy(technique, probe));
        },
      ),
      { seed: 1, numRuns: 500 },
    );
  });

  test("a source port of its own lane, another one for each try", () => {
    if (technique.lane < 0) return;
    const [port = 0] = portsOf(technique, family);
    const ports = new Set<number>();
    for (let tryIndex = 0; tryIndex < TRIES_MAX; tryIndex++) {
      const bytes = writtenBy(technique, probeTo(hostOf(family), port, tryIndex, OURS));
      const frame = parsed({ bytes, etherType: etherTypeOf(technique, family) });
      const { tcp, udp, sctp } = frame ?? new FrameView(OURS);
      const { sourcePort } = frame?.kind === "udp" ? udp : frame?.kind === "sctp" ? sctp : tcp;
      ports.add(sourcePort);
      expect(OURS.tryOf(technique.lane, sourcePort)).toBe(tryIndex);
    }
    expect(ports.size).toBe(TRIES_MAX);
  });
});

describe.each(WAYS)("$title reads", ({ technique, family, answers }) => {
  const router = routerOf(family);
  const responder: Address = typeof router === "number" ? { family: 4, value: router } : { family: 6, bytes: router };
  const hostKey = probeTo(hostOf(family), 0, 0, OURS).targetKey;

  test("answers to its probe as what they are: host, port and try, and an outcome that it has declared", () => {
    const answer = createAnswer();
    const outcomes = new Set<string>([technique.silence]);
    const ports = new Set<number>();
    const wishes = technique.wants(OURS);
    for (const sent of answers) {
      const frame = parsed(sent);
      if (frame === undefined || !technique.read(frame, OURS, answer)) continue;
      outcomes.add(answer.outcome);
      ports.add(answer.port);
      expect(wishes.some((wish) => isWishedBy(wish, frame))).toBe(true);
      expect(technique.outcomes).toContain(answer.outcome);
      expect(REASON_NAMES).toContain(answer.reason);
      expect(answer.key).toBe(hostKey);
      expect(answer.tryIndex).toBe(technique.layer === "link" || frame.kind === "other" ? 0 : TRY);
      expect([undefined, responder]).toContainEqual(answer.responder);
      expect(answer.ttl).toBe(technique.layer === "link" ? 0 : 57);
      expect(answer.window >= 0).toBe(frame.kind === "tcp" && technique.protocol === "tcp");
    }
    expect(outcomes).toEqual(new Set(technique.outcomes));
    expect([...ports]).toEqual(expect.arrayContaining([...portsOf(technique, family)]));
  });

  test("no answer that carries a foreign cookie, but for what has no room for one", () => {
    const answer = createAnswer();
    const before = structuredClone(answer);
    for (const sent of answersOf(technique, family, FOREIGN)) {
      const frame = parsed(sent);
      if (frame === undefined || isUnproven(technique, frame)) continue;
      expect(technique.read(frame, OURS, answer)).toBe(false);
    }
    expect(answer).toEqual(before);
  });

  test("no answer that comes from another address as this host's", () => {
    const answer = createAnswer();
    for (const sent of answersOf(technique, family, OURS, 1)) {
      const frame = parsed(sent);
      if (frame === undefined || frame.kind.endsWith("-quote")) continue; // anybody on the way may send an error
      const isAnswer = technique.read(frame, OURS, answer);
      expect(isAnswer && (answer.key === hostKey || !isUnproven(technique, frame))).toBe(false);
    }
  });

  test("no error that quotes a probe to another address", () => {
    const ends = { source: router, target: family === 4 ? OWN : OWN_IPV6 };
    for (const probe of probesOf(technique, family, OURS)) {
      const other = writtenBy(technique, probe);
      const lastAt = family === 4 ? 19 : 39;
      other[lastAt] = (other[lastAt] ?? 0) + 1;
      const bytes = icmpErrorFrame(ends, family === 4 ? 3 : 1, 1, other, 40);
      const frame = parsed({ bytes, etherType: family === 4 ? ETHER_TYPE_IPV4 : ETHER_TYPE_IPV6 });
      expect(frame !== undefined && technique.read(frame, OURS, createAnswer())).toBe(false);
    }
  });

  test("not its own probe, should that come back to it, as it does on the loopback interface", () => {
    for (const probe of probesOf(technique, family, OURS)) {
      const own = probeTo(family === 4 ? OWN : OWN_IPV6, probe.targetPort, TRY, OURS);
      for (const slot of [probe, own]) {
        const frame = parsed({ bytes: writtenBy(technique, slot), etherType: etherTypeOf(technique, family) });
        if (frame === undefined) throw new Error("a probe does not hold together");
        const isForeign = slot === probe && isUnproven(technique, frame);
        expect(technique.read(frame, OURS, createAnswer()) && !isForeign).toBe(false);
      }
    }
  });

  test("answers of no other technique, but for what has no room for a cookie", () => {
    const view = new FrameView(OURS);
    const answer = createAnswer();
    for (const other of WAYS) {
      if (other.technique === technique) continue;
      for (const { bytes, etherType } of other.answers) {
        if (!view.parse(bytes, 0, bytes.length, etherType, false) || !technique.read(view, OURS, answer)) continue;
        expect(["arp", "neighbour", "other"]).toContain(view.kind);
        expect(isUnproven(technique, view)).toBe(true);
      }
    }
  });
});

test("what is read without a cookie has a reason, and no technique reads it but the one that says so", () => {
  const view = new FrameView(OURS);
  const answer = createAnswer();
  const read = new Set<string>();
  for (const { technique, family } of WAYS) {
    for (const { bytes, etherType } of answersOf(technique, family, FOREIGN)) {
      if (!view.parse(bytes, 0, bytes.length, etherType, false)) continue;
      for (const reader of FRAME_TECHNIQUES) {
        if (reader.read(view, OURS, answer)) read.add(`${reader.name} ${view.kind}`);
      }
    }
  }
  const listed = Object.entries(UNPROVEN).flatMap(([name, kinds]) =>
    Object.keys(kinds).map((kind) => `${name} ${kind}`),
  );
  expect([...read].sort()).toEqual(listed.sort());
});

test("no bytes at all make anything throw, or pass for an answer", () => {
  const mutation = fc.record({ at: fc.nat(120), value: fc.nat(255) });
  const seeds = WAYS.flatMap(({ technique, family }) => [
    ...probesOf(technique, family, FOREIGN).map((probe) => writtenBy(technique, probe)),
    ...answersOf(technique, family, FOREIGN).map(({ bytes }) => bytes),
  ]);
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 120 }),
    fc.tuple(fc.constantFrom(...seeds), fc.array(mutation, { maxLength: 4 })).map(([seed, changes]) => {
      const out = seed.slice();
      for (const { at, value } of changes) if (at < out.length) out[at] = value;
      return out;
    }),
  );
  const view = new FrameView(OURS);
  const answer = createAnswer();
  fc.assert(
    fc.property(
      bytes,
      fc.constantFrom(ETHER_TYPE_IPV4, ETHER_TYPE_IPV6, ETHER_TYPE_ARP, 0),
      fc.boolean(),
      fc.oneof(fc.nat(160), fc.constant(2048)),
      (frame, etherType, isTrusted, cut) => {
        const end = Math.min(frame.length, cut);
        if (!view.parse(frame, 0, end, etherType, isTrusted)) return;
        for (const technique of FRAME_TECHNIQUES) {
          const isAnswer = technique.read(view, OURS, answer);
          expect(isAnswer && !isUnproven(technique, view)).toBe(false);
        }
      },
    ),
    { seed: 1, numRuns: 10_000 },
  );
});

describe.each(SOCKET_TECHNIQUES)("$name judges", (technique) => {
  test("each errno as an outcome that it has declared, or says that it says nothing", () => {
    const answer = createAnswer();
    let judged = 0;
    for (let errno = 0; errno < 200; errno++) {
      if (!technique.judge(errno, undefined, answer)) continue;
      judged++;
      expect(technique.outcomes).toContain(answer.outcome);
      expect(REASON_NAMES).toContain(answer.reason);
    }
    expect(judged).toBeGreaterThan(3);
  });

  test("each ICMP error as an outcome that it has declared, or by the errno alone", () => {
    const answer = createAnswer();
    for (const family of [4, 6] as const) {
      for (let type = 0; type < 256; type++) {
        for (let code = 0; code < 20; code++) {
          if (!technique.judge(ECONNREFUSED, { family, type, code, from: undefined }, answer)) continue;
          expect(technique.outcomes).toContain(answer.outcome);
          expect(REASON_NAMES).toContain(answer.reason);
        }
      }
    }
  });
});
