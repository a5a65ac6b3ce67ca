// What ends of connects and ICMP errors mean for a port, and many probes side by side.
import { describe, expect, test } from "vitest";
import { ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EPERM, ETIMEDOUT } from "../linux/errno.js";
import type { IcmpError } from "../linux/error-queue.js";
import { type Address, parseAddress } from "../target/address.js";
import { type Attempt, type ProbeFinding, runProbes } from "./probe.js";
import { judgeDial } from "./tcp-probe.js";
import { judgeIcmp, triesOf } from "./udp-probe.js";

const HOST = { family: 4, value: 0x0a0a000a } as const;
const ROUTER = { family: 4, value: 0x0a0900fe } as const;
const HOST_IPV6 = parseAddress("fd00::1");

function icmp(type: number, code: number, from: Address | undefined, family: 4 | 6 = 4): IcmpError {
  return { family, type, code, from };
}

describe("the end of a TCP connect", () => {
  test.each([
    [0, "open"],
    [ECONNREFUSED, "closed"],
    [ETIMEDOUT, "timed out"],
    [ENETUNREACH, "no route"],
    [EPERM, "not sent"],
    [9999, "not sent"],
  ])("errno %i is %s", (errno, state) => {
    expect(judgeDial({ errno, error: undefined }, 5)).toMatchObject({ state, errno, icmp: undefined });
  });

  test.each([
    [3, 3, 4, "closed"],
    [3, 1, 4, "unreachable"],
    [3, 13, 4, "unreachable"],
    [11, 0, 4, "unreachable"],
    [1, 4, 6, "closed"],
    [1, 1, 6, "unreachable"],
  ] as const)("ICMP type %i, code %i of IPv%i is %s, whatever the errno", (type, code, family, state) => {
    const error = icmp(type, code, ROUTER, family);
    expect(judgeDial({ errno: EHOSTUNREACH, error }, 5)).toEqual({
      state,
      errno: EHOSTUNREACH,
      icmp: error,
      roundTripMs: 5,
    });
  });

  test("an ICMP error that decides nothing leaves it to the errno", () => {
    expect(judgeDial({ errno: ECONNREFUSED, error: icmp(5, 1, ROUTER) }, 5)).toMatchObject({
      state: "closed",
      icmp: undefined,
    });
  });
});

describe("an ICMP error about a UDP port", () => {
  test("closes it only when the host itself says so", () => {
    expect(judgeIcmp(icmp(3, 3, HOST), HOST, 1)?.state).toBe("closed");
    expect(judgeIcmp(icmp(3, 3, ROUTER), HOST, 1)?.state).toBe("unreachable");
    expect(judgeIcmp(icmp(3, 3, undefined), HOST, 1)?.state).toBe("unreachable");
    if (HOST_IPV6 === undefined) throw new Error("fd00::1 is no address");
    expect(judgeIcmp(icmp(1, 4, HOST_IPV6, 6), HOST_IPV6, 1)?.state).toBe("closed");
  });

  test("of another kind is about the way, and some say nothing", () => {
    expect(judgeIcmp(icmp(3, 13, HOST), HOST, 1)?.state).toBe("unreachable");
    expect(judgeIcmp(icmp(5, 0, ROUTER), HOST, 1)).toBeUndefined();
  });

  test.each([
    [500, 0, 1],
    [5000, 1, 5],
    [60_000, 1, 6],
    [1000, 3, 3],
    [1000, 50, 8],
  ])("in %i ms a port with %i questions is asked %i times", (timeoutMs, questions, tries) => {
    expect(triesOf(timeoutMs, questions)).toBe(tries);
  });
});

describe("many probes", () => {
  const finding: ProbeFinding = { state: "timed out", errno: 0, icmp: undefined, roundTripMs: undefined };

  /** Probes of nobody, which end by their time alone. */
  function work(count: number, atOnce: number) {
    const seen = { open: 0, most: 0, closed: 0 };
    let nowMs = 0;
    const begin = (): Attempt => {
      seen.open++;
      seen.most = Math.max(seen.most, seen.open);
      const wakeAtMs = nowMs + 5;
      return {
        fd: -1,
        isRead: true,
        wakeAtMs,
        look: (_, atMs) => (atMs >= wakeAtMs ? finding : undefined),
        close() {
          seen.open--;
          seen.closed++;
        },
      };
    };
    const clock = { now: () => nowMs++, isoNow: () => "" };
    return { seen, probes: runProbes({ count, atOnce, clock, begin }) };
  }

  test("never more at once than allowed, each told once and closed", () => {
    const { seen, probes } = work(100, 7);
    const told = [...probes].map(([index]) => index);
    expect(told.sort((one, other) => one - other)).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect(seen).toEqual({ open: 0, most: 7, closed: 100 });
  });

  test("all are closed when nobody wants to hear more", () => {
    const { seen, probes } = work(100, 7);
    for (const [index] of probes) if (index >= 0) break;
    expect(seen.open).toBe(0);
  });

  test("none at all is no work", () => {
    expect([...work(0, 7).probes]).toEqual([]);
  });
});
