import { describe, expect, test } from "vitest";
import { EINVAL, ENOBUFS, ENOENT, EPERM } from "./errno.js";
import type { AnswerEnd } from "./netlink.js";
import type { MessageVisitor, NetlinkRequest } from "./netlink-message.js";
import { type DiagSource, type DumpReader, dumpSockets } from "./sock-diag.js";

/** One byte of meaning, then the cookie. */
const reader: DumpReader<number> = {
  read: (view, at, end) => (end - at < 9 ? undefined : view.getUint8(at) || undefined),
  cookieAt: 1,
};

interface Answer extends Partial<AnswerEnd> {
  /** Type, meaning and cookie of each message. */
  readonly messages?: readonly (readonly [type: number, meaning: number, cookie: number])[];
}

/** A kernel that gives one answer after the other. */
class FakeKernel implements DiagSource {
  readonly bytes: Uint8Array = new Uint8Array(64);
  readonly requests: NetlinkRequest[] = [];
  readonly #answers: readonly Answer[];

  constructor(...answers: readonly Answer[]) {
    this.#answers = answers;
  }

  walk(request: NetlinkRequest, visit: MessageVisitor): AnswerEnd {
    const { messages = [], errno = 0, isTorn = false } = this.#answers[this.requests.length] ?? {};
    this.requests.push(request);
    for (const [type, meaning, cookie] of messages) {
      this.bytes[20] = meaning;
      new DataView(this.bytes.buffer).setUint32(21, cookie, true);
      visit(type, 20, 29);
    }
    return { errno, isTorn };
  }
}

const dump = (kernel: FakeKernel) => dumpSockets(kernel, new Uint8Array(4), () => reader);

describe("a list of sockets", () => {
  test("has each once, whatever else comes", () => {
    const kernel = new FakeKernel({
      messages: [
        [20, 5, 100],
        [21, 6, 101],
        [20, 0, 102],
        [20, 7, 103],
        [20, 5, 100],
      ],
    });
    expect(dump(kernel)).toEqual({ kind: "sockets", sockets: [5, 7], isTorn: false });
    expect(kernel.requests).toEqual([{ type: 20, body: new Uint8Array(4), isDump: true }]);
  });

  test("is asked for again when it changed or a part was lost, and has nothing of the first try", () => {
    const whole = { messages: [[20, 9, 200]] } as const;
    const torn = { messages: [[20, 8, 100]], isTorn: true } as const;
    const lost = { messages: [[20, 8, 100]], errno: ENOBUFS } as const;
    expect(dump(new FakeKernel(torn, whole))).toEqual({ kind: "sockets", sockets: [9], isTorn: false });
    expect(dump(new FakeKernel(lost, torn, whole))).toEqual({ kind: "sockets", sockets: [9], isTorn: false });
    expect(dump(new FakeKernel(torn, torn, torn, whole))).toEqual({ kind: "sockets", sockets: [8], isTorn: true });
    expect(dump(new FakeKernel(lost, lost, lost, whole))).toEqual({ kind: "refused", errno: ENOBUFS });
  });

  test("is absent or refused as the kernel says, at once", () => {
    for (const [errno, expected] of [
      [ENOENT, { kind: "absent" }],
      [EPERM, { kind: "refused", errno: EPERM }],
      [EINVAL, { kind: "refused", errno: EINVAL }],
    ] as const) {
      const kernel = new FakeKernel({ errno });
      expect(dump(kernel)).toEqual(expected);
      expect(kernel.requests).toHaveLength(1);
    }
  });
});
