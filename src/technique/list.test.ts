import { existsSync, readdirSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ECONNREFUSED } from "../linux/errno.js";
import { PORT_STATES } from "../model/port-state.js";
import { REASON_NAMES } from "../model/reason.js";
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV4 } from "../packet/ethernet.js";
import { createTcpView, readTcp, TCP_ACK, TCP_RST, TCP_SYN } from "../packet/tcp.js";
import { Cookies, LANE_COUNT, TRIES_MAX } from "./cookies.js";
import { FrameView } from "./frame-view.js";
import {
  arpReplyFrame,
  echoReplyFrame,
  icmpErrorFrame,
  parsedFrame,
  probeTo,
  tcpFrame,
  timestampReplyFrame,
  withIpHeader,
  writtenBy,
} from "./frames.test.data.js";
import { TECHNIQUES } from "./list.js";
import { createAnswer, type FrameTechnique, type ProbeSlot, type SocketTechnique } from "./technique.js";

const OURS = new Cookies(0x1234_5678, 0x9abc_def0, 30_000);
const FOREIGN = new Cookies(0x1234_5679, 0x9abc_def0, 30_000);
const HOST = 0x0a00_0007;
const ROUTER = 0x0a09_0909;
const FRAME_TECHNIQUES = TECHNIQUES.filter((one): one is FrameTechnique => one.kind === "frame");
const SOCKET_TECHNIQUES = TECHNIQUES.filter((one): one is SocketTechnique => one.kind === "socket");

const probes: fc.Arbitrary<ProbeSlot> = fc.record({
  sourceAddress: fc.nat(0xffff_ffff),
  sourceMac: fc.uint8Array({ minLength: 6, maxLength: 6 }),
  targetAddress: fc.nat(0xffff_ffff),
  targetPort: fc.nat(65_535),
  tryIndex: fc.nat(TRIES_MAX - 1),
  cookies: fc.constant(OURS),
});

/** All that hosts and routers could send about a probe: replies of every kind, errors of every type and code. */
function answersTo(probe: Uint8Array): readonly Uint8Array[] {
  const source = 0x0a00_0001;
  const back = { source: HOST, target: source };
  const tcp = createTcpView();
  readTcp(probe, 20, probe.length, tcp);
  const { sourcePort, targetPort, sequence } = tcp;
  const identifier = ((probe[24] ?? 0) << 8) | (probe[25] ?? 0);
  const query = { ...back, identifier, sequence: ((probe[26] ?? 0) << 8) | (probe[27] ?? 0) };
  const segment = { ...back, sourcePort: targetPort, targetPort: sourcePort };
  const acknowledgment = (sequence + 1) >>> 0;
  const segments = [TCP_SYN | TCP_ACK, TCP_RST | TCP_ACK, TCP_RST, TCP_ACK].flatMap((flags) => [
    tcpFrame({ ...segment, flags, acknowledgment }),
    tcpFrame({ ...segment, flags, sequence }),
  ]);
  const errors = [3, 4, 5, 11, 12].flatMap((type) =>
    Array.from({ length: 16 }, (_, code) => icmpErrorFrame({ source: ROUTER, target: source }, type, code, probe)),
  );
  return [...segments, echoReplyFrame(query), timestampReplyFrame(query), ...errors];
}

describe("every technique", () => {
  test("has a name of its own, which is its file's, and every file is in the list", () => {
    const shared = ["cookies", "frame-view", "icmp-probe", "list", "tcp-probe", "technique", "unreachable"];
    const files = readdirSync(new URL(".", import.meta.url))
      .filter((file) => file.endsWith(".ts") && !file.includes(".test."))
      .map((file) => file.slice(0, -".ts".length))
      .filter((name) => !shared.includes(name));
    expect(TECHNIQUES.map(({ name }) => name).sort()).toEqual(files.sort());
  });

  test("has an option of its own", () => {
    expect(new Set(TECHNIQUES.map(({ option }) => option)).size).toBe(TECHNIQUES.length);
    for (const { option } of TECHNIQUES) expect(option).toMatch(/^-[sP][A-Z]$/);
  });

  test("has a number that fits where numbers are packed", () => {
    expect(TECHNIQUES.length).toBeLessThanOrEqual(64);
  });
});

describe.each(TECHNIQUES)("$name", (technique) => {
  test("says what it is and where that is written down", () => {
    expect(technique.summary).toMatch(/^\S.*[^.\s]$/);
    expect(technique.sources.length).toBeGreaterThan(0);
    for (const source of technique.sources) expect(source).toMatch(/^(RFC \d+|nmap reference guide|connect\(2\))/);
  });

  test("declares outcomes that exist, and silence among them", () => {
    const known = [...PORT_STATES, "up", "down"];
    expect(technique.outcomes.filter((outcome) => !known.includes(outcome))).toEqual([]);
    expect(new Set(technique.outcomes).size).toBe(technique.outcomes.length);
    expect(technique.outcomes).toContain(technique.silence);
  });

  test("has a page", () => {
    expect(existsSync(new URL(`../../docs/techniques/${technique.name}.md`, import.meta.url))).toBe(true);
  });
});

describe.each(FRAME_TECHNIQUES)("$name writes", (technique) => {
  test("a packet that holds together, within its bytes and no further", () => {
    fc.assert(
      fc.property(probes, fc.nat(7), (probe, at) => {
        const out = new Uint8Array(at + technique.probeBytesMax + 8).fill(0xa5);
        const length = technique.write(out, at, probe);
        expect(length).toBeGreaterThan(0);
        expect(length).toBeLessThanOrEqual(technique.probeBytesMax);
        expect([...out.subarray(0, at), ...out.subarray(at + length)].every((byte) => byte === 0xa5)).toBe(true);
        expect(new FrameView().parse(out, at, at + length, technique.etherType, false)).toBe(true);
        // What was in the buffer before leaves no trace.
        const clean = new Uint8Array(out.length);
        technique.write(clean, at, probe);
        expect(clean.subarray(at, at + length)).toEqual(out.subarray(at, at + length));
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test("the same packet anew as over an older one to the same host", () => {
    fc.assert(
      fc.property(probes, fc.nat(65_535), fc.nat(TRIES_MAX - 1), (probe, targetPort, tryIndex) => {
        const out = new Uint8Array(technique.probeBytesMax);
        technique.write(out, 0, { ...probe, targetPort, tryIndex });
        const length = technique.rewrite(out, 0, probe);
        expect(out.subarray(0, length)).toEqual(writtenBy(technique, probe));
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test("a source port of its own lane, another one for each try", () => {
    if (technique.lane < 0) return;
    expect(technique.lane).toBeLessThan(LANE_COUNT);
    const ports = new Set<number>();
    for (let tryIndex = 0; tryIndex < TRIES_MAX; tryIndex++) {
      const frame = parsedFrame(writtenBy(technique, probeTo(HOST, 80, tryIndex, OURS)), ETHER_TYPE_IPV4);
      ports.add(frame?.tcp.sourcePort ?? -1);
      expect(OURS.tryOf(technique.lane, frame?.tcp.sourcePort ?? -1)).toBe(tryIndex);
    }
    expect(ports.size).toBe(TRIES_MAX);
  });
});

describe.each(FRAME_TECHNIQUES.filter(({ etherType }) => etherType === ETHER_TYPE_IPV4))("$name reads", (technique) => {
  const probe = writtenBy(technique, probeTo(HOST, 443, 3, OURS));

  test("answers to its probe as what they are: the probed host, port and try, an outcome that it has declared", () => {
    const answer = createAnswer();
    const outcomes = new Set<string>();
    for (const bytes of answersTo(probe)) {
      const frame = parsedFrame(bytes, ETHER_TYPE_IPV4);
      if (frame === undefined || !technique.read(frame, OURS, answer)) continue;
      outcomes.add(answer.outcome);
      expect(technique.outcomes).toContain(answer.outcome);
      expect(REASON_NAMES).toContain(answer.reason);
      expect([answer.address, answer.tryIndex]).toEqual([HOST, 3]);
      expect(answer.port).toBe(technique.lane < 0 ? 0 : 443);
      expect([0, ROUTER]).toContain(answer.responder);
      expect(answer.ttl).toBe(57);
    }
    expect(outcomes).toEqual(new Set(technique.outcomes));
  });

  test("no answer that carries a foreign cookie", () => {
    const answer = createAnswer();
    const before = structuredClone(answer);
    for (const bytes of answersTo(writtenBy(technique, probeTo(HOST, 443, 3, FOREIGN)))) {
      const frame = parsedFrame(bytes, ETHER_TYPE_IPV4);
      expect(frame !== undefined && technique.read(frame, OURS, answer)).toBe(false);
    }
    expect(answer).toEqual(before);
  });

  test("no answer that comes from another address, or quotes a probe to another one", () => {
    const answer = createAnswer();
    for (const bytes of answersTo(probe)) {
      const isError = bytes[9] === 1 && [3, 11].includes(bytes[20] ?? 0);
      if (isError) continue; // anybody on the way may send an error
      const moved = withIpHeader(bytes, (out) => {
        out[15] = (out[15] ?? 0) + 1;
      });
      const frame = new FrameView();
      // The pseudo header has changed, so the TCP checksum is taken on trust here.
      expect(frame.parse(moved, 0, moved.length, ETHER_TYPE_IPV4, true)).toBe(true);
      expect(technique.read(frame, OURS, answer)).toBe(false);
    }
    const other = writtenBy(technique, probeTo(HOST, 443, 3, OURS)).slice();
    other[19] = (other[19] ?? 0) + 1;
    const quoting = parsedFrame(icmpErrorFrame({ source: ROUTER, target: 1 }, 3, 1, other), ETHER_TYPE_IPV4);
    expect(quoting !== undefined && technique.read(quoting, OURS, answer)).toBe(false);
  });

  test("not its own probe, should that come back to it", () => {
    const frame = parsedFrame(probe, ETHER_TYPE_IPV4);
    expect(frame !== undefined && technique.read(frame, OURS, createAnswer())).toBe(false);
  });

  test("answers of no other technique", () => {
    for (const other of FRAME_TECHNIQUES) {
      if (other === technique || other.etherType !== ETHER_TYPE_IPV4) continue;
      for (const bytes of answersTo(writtenBy(other, probeTo(HOST, 443, 3, OURS)))) {
        const frame = parsedFrame(bytes, ETHER_TYPE_IPV4);
        expect(frame !== undefined && technique.read(frame, OURS, createAnswer())).toBe(false);
      }
    }
  });
});

test("no bytes at all make anything throw, or pass for an answer", () => {
  const mutation = fc.record({ at: fc.nat(80), value: fc.nat(255) });
  const seeds = FRAME_TECHNIQUES.flatMap((technique) => {
    const probe = writtenBy(technique, probeTo(HOST, 443, 3, FOREIGN));
    return technique.etherType === ETHER_TYPE_ARP ? [probe] : [probe, ...answersTo(probe)];
  });
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 90 }),
    fc.tuple(fc.constantFrom(...seeds), fc.array(mutation, { maxLength: 4 })).map(([seed, changes]) => {
      const out = seed.slice();
      for (const { at, value } of changes) if (at < out.length) out[at] = value;
      return out;
    }),
  );
  const view = new FrameView();
  const answer = createAnswer();
  fc.assert(
    fc.property(
      bytes,
      fc.constantFrom(ETHER_TYPE_IPV4, ETHER_TYPE_ARP, 0x86dd, 0),
      fc.boolean(),
      fc.nat(90),
      (frame, etherType, isTrusted, cut) => {
        const end = Math.min(frame.length, cut);
        if (!view.parse(frame, 0, end, etherType, isTrusted)) return;
        for (const technique of FRAME_TECHNIQUES) {
          const isAnswer = technique.read(view, OURS, answer);
          expect(isAnswer && technique.name !== "arp").toBe(false);
        }
      },
    ),
    { seed: 1, numRuns: 5000 },
  );
});

test("ARP alone has no cookie: it reads any reply, and shows a host up without deciding a port", () => {
  const reply = arpReplyFrame(Uint8Array.of(2, 0, 0, 0, 0, 9), HOST, new Uint8Array(6), 1);
  const frame = parsedFrame(reply, ETHER_TYPE_ARP);
  const readers = FRAME_TECHNIQUES.filter((one) => frame !== undefined && one.read(frame, FOREIGN, createAnswer()));
  expect(readers.map(({ name, outcomes }) => [name, outcomes])).toEqual([["arp", ["up", "down"]]]);
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
          if (!technique.judge(ECONNREFUSED, { family, type, code, from: 5 }, answer)) continue;
          expect(technique.outcomes).toContain(answer.outcome);
          expect(REASON_NAMES).toContain(answer.reason);
        }
      }
    }
  });
});
