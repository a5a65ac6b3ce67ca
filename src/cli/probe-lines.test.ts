import { describe, expect, test } from "vitest";
import type { ProbeFinding } from "../talk/probe.js";
import { type ProbedPort, probeLine } from "./probe-lines.js";

const ADDRESS = { family: 4, value: 0x0a0a000a } as const;
const ROUTER = { family: 4, value: 0x0a0900fe } as const;
const OWN = { family: 4, value: 0x0a090001 } as const;

const PORT: ProbedPort = {
  host: "10.10.0.10",
  isName: false,
  address: ADDRESS,
  port: 22,
  protocol: "tcp",
  service: "ssh",
  timeoutMs: 2500,
};

function line(changes: Partial<ProbedPort>, finding: Partial<ProbeFinding>, isDetailed = false): string {
  const plain: ProbeFinding = { state: "open", errno: 0, icmp: undefined, roundTripMs: undefined };
  return probeLine({ ...PORT, ...changes }, { ...plain, ...finding }, [OWN], isDetailed);
}

describe("a line for each port", () => {
  test("open is nc's, word for word", () => {
    expect(line({}, {})).toBe("Connection to 10.10.0.10 22 port [tcp/ssh] succeeded!");
    expect(line({ host: "web", isName: true }, {})).toBe("Connection to web (10.10.0.10) 22 port [tcp/ssh] succeeded!");
    expect(line({ service: undefined }, {})).toBe("Connection to 10.10.0.10 22 port [tcp/*] succeeded!");
  });

  test.each([
    ["tcp", { state: "closed", errno: 111 }, "failed: Connection refused; refused: a RST in the host's name"],
    ["tcp", { state: "timed out" }, "timed out; filtered: nothing came back within 2.5 s"],
    ["tcp", { state: "timed out", errno: 110 }, "timed out; filtered: nothing came back within 2.5 s"],
    [
      "tcp",
      { state: "unreachable", errno: 113, icmp: { family: 4, type: 3, code: 1, from: ROUTER } },
      "failed: No route to host; unreachable: ICMP host unreachable (type 3, code 1) from 10.9.0.254",
    ],
    [
      "tcp",
      { state: "unreachable", errno: 113, icmp: { family: 4, type: 3, code: 1, from: OWN } },
      "failed: No route to host; unreachable: nobody answers at this address on the link",
    ],
    [
      "tcp",
      { state: "closed", errno: 111, icmp: { family: 4, type: 3, code: 3, from: ADDRESS } },
      "failed: Connection refused; refused: ICMP port unreachable (type 3, code 3) from the host itself",
    ],
    [
      "tcp",
      { state: "no route", errno: 101 },
      "failed: Network is unreachable; no route: this machine has no way to the address",
    ],
    [
      "tcp",
      { state: "not sent", errno: 1 },
      "failed: Operation not permitted; not sent: this machine's own rules forbid it",
    ],
    ["udp", { state: "no answer" }, "failed; no answer: nothing came back within 2.5 s"],
    [
      "udp",
      { state: "closed", icmp: { family: 4, type: 3, code: 3, from: ADDRESS } },
      "failed; closed: ICMP port unreachable (type 3, code 3) from the host itself",
    ],
    [
      "udp",
      { state: "unreachable", icmp: { family: 6, type: 1, code: 1, from: undefined } },
      "failed; filtered: ICMPv6 communication administratively prohibited (type 1, code 1) from somebody",
    ],
  ] as const)("%s %j", (protocol, finding, words) => {
    expect(line({ protocol }, finding)).toBe(`connect to 10.10.0.10 port 22 (${protocol}) ${words}`);
  });

  test("UDP says what came back, and -vv says more", () => {
    const answer = { byteCount: 1, port: 1069 };
    expect(line({ protocol: "udp" }, { answer, roundTripMs: 0.44 }, true)).toBe(
      "Connection to 10.10.0.10 22 port [udp/ssh] succeeded! open: 1 byte came back (0.4 ms, answered from port 1069)",
    );
    expect(line({}, { roundTripMs: 1, local: { address: OWN, port: 5 } }, true)).toMatch(
      /\(1\.0 ms, from 10\.9\.0\.1 port 5\)$/,
    );
  });
});
