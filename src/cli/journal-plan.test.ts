import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ScanPlan } from "../scan/plan.js";
import { fromJson, toJson } from "../store/plain-data.js";
import { isSamePlan } from "../store/same-plan.js";
import { isFault } from "../target/fault.js";
import { readServiceTable } from "./data-files.js";
import { readPlan } from "./journal-plan.js";
import { makePlan } from "./make-plan.js";
import { parseScanArguments } from "./scan-options.js";

const RICH =
  "10.0.0.0/29 10.0-1.1,3-4.* [fd00::1]:22,53 fd00::100/120 fe80::1%eth0 -sSUY -p 22,U:53,S:9 --exclude 10.0.0.3,fd00::101 " +
  "-PE -PS80,443 -PU -PO --scanflags SYNFIN -T4 --max-rate 5.5 --seed 9 --shard 2/3 --traceroute -r -v " +
  "--source-addresses 127.0.0.1 --borrow 3 --defeat-icmp-ratelimit --disable-arp-ping --authorized 192.0.2.0/24";

async function plan(line: string): Promise<ScanPlan> {
  const made = await makePlan(parseScanArguments(line.split(" ")), { services: readServiceTable, seed: 9 });
  return made.plan;
}

/** As a journal gives it back. */
function written(value: unknown): unknown {
  return fromJson(JSON.parse(JSON.stringify(toJson(value))));
}

describe("a plan of ours", () => {
  test.each([RICH, "10.0.0.1", "10.0.0.1 -sn", "10.0.0.0/8 -sL", "::1 -sO", "127.0.0.1 -sT --unprivileged"])(
    "is read back: %s",
    async (line) => {
      const made = await plan(line);
      const read = readPlan(written(made));
      if (isFault(read)) throw new Error(read.fault);
      expect(read).toEqual({ ...made, scope: { own: [], authorized: [] } });
      expect(isSamePlan({ plan: read }, made)).toBe(true);
    },
  );
});

describe("what is no plan", () => {
  const DAMAGE: Readonly<Record<string, (plan: ScanPlan) => object>> = {
    "a property that nobody knows": (plan) => ({ ...plan, isEvil: true }),
    "no technique": (plan) => ({ ...plan, techniques: [] }),
    "a technique that there is not": (plan) => ({ ...plan, techniques: ["tcp-magic"] }),
    "a technique twice": (plan) => ({ ...plan, techniques: ["udp", "udp"] }),
    "flags of nine bits": (plan) => ({ ...plan, scanFlags: 256 }),
    "a seed that is no whole number": (plan) => ({ ...plan, seed: 1.5 }),
    "an endless rate": (plan) => ({ ...plan, timing: { ...plan.timing, maxRatePps: Number.POSITIVE_INFINITY } }),
    "more retries than source ports": (plan) => ({ ...plan, timing: { ...plan.timing, maxRetries: 16 } }),
    "a shard beyond the last": (plan) => ({ ...plan, shard: { index: 3, count: 3 } }),
    "a port beyond the last": (plan) =>
      withTargets(plan, { defaultPorts: { tcp: [[1, 65_536]], udp: [], sctp: [], ip: [] } }),
    "ranges that overlap": (plan) =>
      withTargets(plan, {
        defaultPorts: {
          tcp: [
            [1, 5],
            [5, 6],
          ],
          udp: [],
          sctp: [],
          ip: [],
        },
      }),
    "a block beyond the last address": (plan) => withBlock(plan, { kind: "ipv4-range", base: 2 ** 32 - 1, count: 2 }),
    "a block too large to be walked": (plan) =>
      withBlock(plan, { kind: "ipv6-prefix", bytes: new Uint8Array(16), prefix: 8 }),
    "a block with bits behind its prefix": (plan) =>
      withBlock(plan, { kind: "ipv6-prefix", bytes: new Uint8Array(16).fill(1), prefix: 120 }),
    "an address of 15 bytes": (plan) =>
      withBlock(plan, { kind: "ipv6-prefix", bytes: new Uint8Array(15), prefix: 128 }),
    "three octets": (plan) => withBlock(plan, { kind: "ipv4-octets", octets: [[[1, 1]], [[1, 1]], [[1, 1]]] }),
    "an octet without a value": (plan) =>
      withBlock(plan, { kind: "ipv4-octets", octets: [[[1, 1]], [[1, 1]], [[1, 1]], []] }),
    "too many questions": (plan) => ({ ...plan, discovery: [{ technique: "udp", ports: new Array(1025).fill(1) }] }),
    "a payload longer than any": (plan) => ({
      ...plan,
      udpPayloads: { rows: [{ name: "x", ports: [1], payload: new Uint8Array(1233) }], isPrinterAllowed: false },
    }),
  };

  test.each(Object.entries(DAMAGE))("%s", async (_what, damage) => {
    expect(isFault(readPlan(written(damage(await plan(RICH)))))).toBe(true);
  });

  test.each([null, 1, "plan", [], {}])("%j", (value) => {
    expect(isFault(readPlan(value))).toBe(true);
  });

  test("whatever is put anywhere, nothing is thrown", async () => {
    const whole = await plan("10.0.0.1 -sSU -PE --shard 1/2");
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(whole)), fc.jsonValue(), (key, value) => {
        const read = readPlan({ ...whole, [key]: value });
        return typeof read === "object";
      }),
      { seed: 1 },
    );
  });

  function withTargets(plan: ScanPlan, targets: object): object {
    return { ...plan, targets: { ...plan.targets, ...targets } };
  }

  function withBlock(plan: ScanPlan, block: object): object {
    return withTargets(plan, { groups: [{ block }] });
  }
});
