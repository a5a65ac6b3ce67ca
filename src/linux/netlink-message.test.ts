import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EBADMSG, ENOENT } from "./errno.js";
import { attribute, DONE, joined, message, SCTP_ABSENT_ANSWER, TCP_ANSWER } from "./netlink-bytes.test.data.js";
import { type AnswerState, packAttributes, packRequest, readAttributes, walkMessages } from "./netlink-message.js";

const MULTI = 2;

function walk(bytes: Uint8Array, { isDump = true, sequence = 1 } = {}) {
  const state: AnswerState = { errno: undefined, isTorn: false, isDump };
  const seen: number[][] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  walkMessages(view, sequence, state, (...where) => seen.push(where));
  return { state, seen };
}

describe("messages", () => {
  test("are shown where they lie, up to the end of the list", () => {
    expect(walk(TCP_ANSWER)).toEqual({
      state: { errno: 0, isTorn: false, isDump: true },
      seen: [
        [20, 16, 124],
        [20, 140, 248],
        [20, 264, 372],
      ],
    });
  });

  test("of another request are passed over", () => {
    expect(walk(TCP_ANSWER, { sequence: 2 })).toMatchObject({ state: { errno: undefined }, seen: [] });
  });

  test("without NLM_F_MULTI end an answer, but no list", () => {
    const bytes = message(20, 0, new Uint8Array(4));
    expect(walk(bytes, { isDump: false }).state.errno).toBe(0);
    expect(walk(bytes, { isDump: true }).state.errno).toBeUndefined();
    expect(walk(joined(bytes, message(20, MULTI), DONE)).seen).toHaveLength(2);
  });

  test("an error may stand in the end of a list", () => {
    expect(walk(SCTP_ABSENT_ANSWER)).toMatchObject({ state: { errno: ENOENT }, seen: [] });
  });

  test("an error ends an answer, also where its number is cut off", () => {
    const refusal = new Uint8Array([0xff, 0xff, 0xff, 0xff]);
    expect(walk(joined(message(2, 0, refusal), message(20, MULTI)))).toMatchObject({ state: { errno: 1 }, seen: [] });
    expect(walk(message(2, 0)).state.errno).toBe(0);
  });

  test("a list that has changed meanwhile is torn, wherever the kernel says so", () => {
    expect(walk(joined(message(20, MULTI), DONE)).state.isTorn).toBe(false);
    expect(walk(joined(message(20, MULTI | 0x10), DONE)).state).toMatchObject({ errno: 0, isTorn: true });
    expect(walk(message(3, MULTI | 0x10, new Uint8Array(4))).state).toMatchObject({ errno: 0, isTorn: true });
  });

  test("cut at any length, make no sense or are whole", () => {
    for (let end = 1; end < TCP_ANSWER.length; end++) {
      const { state, seen } = walk(TCP_ANSWER.slice(0, end));
      expect([EBADMSG, undefined]).toContain(state.errno);
      expect(state.errno === undefined).toBe(end % 124 === 0);
      for (const [, , messageEnd = 0] of seen) expect(messageEnd).toBeLessThanOrEqual(end);
    }
  });

  test("of any bytes at all never pass the end", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (bytes, isDump) => {
        const guess = bytes[8] ?? 0;
        for (const [, at = 0, end = 0] of walk(bytes.slice(), { isDump, sequence: guess }).seen) {
          expect(at).toBeGreaterThanOrEqual(16);
          expect(end).toBeLessThanOrEqual(bytes.length);
          expect(end).toBeGreaterThanOrEqual(at);
        }
      }),
    );
  });
});

describe("attributes", () => {
  test("are found by number, without the marks of nesting and byte order", () => {
    const bytes = joined(attribute(7, new Uint8Array([1])), attribute(0x8000 | 9, new Uint8Array([2, 3, 4, 5, 6])));
    expect(readAttributes(bytes, 0)).toEqual(
      new Map([
        [7, new Uint8Array([1])],
        [9, new Uint8Array([2, 3, 4, 5, 6])],
      ]),
    );
  });

  test("lie inside whatever bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(70), (bytes, at) => {
        const found = [...readAttributes(bytes, at).values()];
        expect(found.reduce((sum, value) => sum + value.length + 4, 0)).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });

  test("are read as they were written", () => {
    const values = fc.uniqueArray(fc.tuple(fc.nat(0x3fff), fc.uint8Array({ maxLength: 9 })), {
      selector: ([type]) => type,
    });
    fc.assert(
      fc.property(values, fc.uint8Array({ maxLength: 9 }), (attributes, body) => {
        const bytes = packRequest({ type: 20, body, attributes, isDump: true }, 1);
        expect(bytes.length).toBe(new DataView(bytes.buffer).getUint32(0, true));
        expect(readAttributes(bytes, 16 + ((body.length + 3) & ~3))).toEqual(new Map(attributes));
      }),
    );
  });
});

describe("requests", () => {
  const flagsOf = (bytes: Uint8Array): number => new DataView(bytes.buffer).getUint16(6, true);

  test("that change something ask for the kernel's word, and new things must be new", () => {
    const body = new Uint8Array(4);
    expect(flagsOf(packRequest({ type: 16, body }, 1))).toBe(0x1);
    expect(flagsOf(packRequest({ type: 16, body, isDump: true }, 1))).toBe(0x301);
    expect(flagsOf(packRequest({ type: 16, body, change: "set" }, 1))).toBe(0x5); // NLM_F_REQUEST | NLM_F_ACK
    expect(flagsOf(packRequest({ type: 16, body, change: "new" }, 1))).toBe(0x605); // and NLM_F_EXCL | NLM_F_CREATE
  });

  test("hold attributes in attributes", () => {
    const inner = packAttributes([[1, Uint8Array.of(7)]]);
    const outer = readAttributes(
      packAttributes([
        [18, inner],
        [3, Uint8Array.of(1, 2, 3, 4)],
      ]),
      0,
    );
    expect(readAttributes(outer.get(18) ?? new Uint8Array(), 0).get(1)).toEqual(Uint8Array.of(7));
    expect(outer.get(3)).toEqual(Uint8Array.of(1, 2, 3, 4));
  });
});
