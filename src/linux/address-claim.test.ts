import { describe, expect, test } from "vitest";
import { type Address, formatAddress, parseAddress } from "../target/address.js";
import { seededRandom } from "../target/random.js";
import { AddressCandidates } from "./address-candidates.js";
import { AddressClaim, CLAIM_RULES } from "./address-claim.js";
import { type Loan, LoanTable } from "./loan-table.js";

const OWN: Readonly<Record<4 | 6, string>> = { 4: "10.9.0.1", 6: "fd00:9::1" };
const STEP_MS = 5;

interface Probe {
  readonly atMs: number;
  readonly text: string;
}

interface Setting {
  readonly family: 4 | 6;
  readonly prefix: number;
  readonly count: number;
  /** Who has an address and so objects, and how long after a probe. */
  readonly isUsed?: (address: Address, text: string) => boolean;
  readonly objectsAfterMs?: number;
  readonly canPrepare?: boolean;
}

/** Runs a claim on a fake link under a fake clock, until it is decided. */
function run(setting: Setting) {
  const { family, prefix, count, isUsed = () => false, objectsAfterMs = 1, canPrepare = true } = setting;
  const own = parseAddress(OWN[family]) as Address;
  const random = seededRandom(7);
  const table = new LoanTable();
  const probes: Probe[] = [];
  const held = new Map<string, number>();
  const objections: { readonly atMs: number; readonly loan: Loan }[] = [];
  let nowMs = 0;
  const parts = {
    rules: CLAIM_RULES[family],
    count,
    table,
    random,
    candidates: new AddressCandidates({ address: own, prefix }, random, () => false),
    prepare: () => canPrepare,
    probe(loan: Loan) {
      const text = formatAddress(loan.address);
      probes.push({ atMs: nowMs, text });
      if (isUsed(loan.address, text)) objections.push({ atMs: nowMs + objectsAfterMs, loan });
    },
    hold: (loan: Loan) => held.set(formatAddress(loan.address), nowMs),
  };
  const claim = new AddressClaim(parts, nowMs);
  for (;;) {
    for (const { atMs, loan } of objections) if (atMs <= nowMs && loan.state !== "lost") table.remove(loan);
    if (!claim.step(nowMs)) break;
    nowMs += STEP_MS;
    if (nowMs > 60_000) throw new Error("it does not end");
  }
  const addresses = table.of("held").map(({ address }) => formatAddress(address));
  return { probes, held, addresses, elapsedMs: nowMs, table };
}

/** When each address was asked for. */
function timesOf(probes: readonly Probe[]): Map<string, number[]> {
  const times = new Map<string, number[]>();
  for (const { atMs, text } of probes) times.set(text, [...(times.get(text) ?? []), atMs]);
  return times;
}

describe("a claim of IPv4", () => {
  test("asks three times, 1 to 2 s apart, and waits for 2 s more (RFC 5227 §2.1.1)", () => {
    const { probes, held, addresses, elapsedMs } = run({ family: 4, prefix: 16, count: 32 });
    expect(addresses).toHaveLength(32);
    expect(elapsedMs).toBeLessThan(7200);
    for (const [text, times] of timesOf(probes)) {
      const [first = 0, second = 0, third = 0] = times;
      expect(times).toHaveLength(3);
      expect(first).toBeLessThanOrEqual(1000 + STEP_MS);
      for (const gap of [second - first, third - second]) {
        expect(gap).toBeGreaterThanOrEqual(1000);
        expect(gap).toBeLessThanOrEqual(2000 + 2 * STEP_MS);
      }
      expect((held.get(text) ?? 0) - third).toBeGreaterThanOrEqual(2000);
    }
  });

  test("never takes what somebody objects to, and draws others instead", () => {
    const isUsed = (address: Address): boolean => address.family === 4 && address.value % 3 === 0;
    const { addresses, elapsedMs } = run({ family: 4, prefix: 16, count: 64, isUsed });
    expect(addresses).toHaveLength(64);
    expect(addresses.filter((text) => isUsed(parseAddress(text) as Address))).toEqual([]);
    expect(elapsedMs).toBeLessThanOrEqual(10_000);
  });

  test("takes an objection until the last moment", () => {
    const { addresses } = run({ family: 4, prefix: 16, count: 8, isUsed: () => true, objectsAfterMs: 1990 });
    expect(addresses).toEqual([]);
  });

  test("has fewer than wanted where the prefix has no more", () => {
    expect(run({ family: 4, prefix: 28, count: 64 }).addresses).toHaveLength(14);
  });

  test("comes to an end where all is used, and leaves nothing behind", () => {
    const { addresses, probes, elapsedMs, table } = run({ family: 4, prefix: 16, count: 64, isUsed: () => true });
    expect([addresses, table.size]).toEqual([[], 0]);
    expect(probes.length).toBeLessThanOrEqual(2 * 64 + 10);
    expect(elapsedMs).toBeLessThanOrEqual(10_000);
  });
});

describe("a claim of IPv6", () => {
  test("asks once and waits for 1 s (RFC 4862 §5.1)", () => {
    const { probes, held, addresses, elapsedMs } = run({ family: 6, prefix: 64, count: 64 });
    expect([addresses.length, probes.length]).toEqual([64, 64]);
    for (const { text, atMs } of probes) expect((held.get(text) ?? 0) - atMs).toBeGreaterThanOrEqual(1000);
    expect(elapsedMs).toBeLessThan(1300);
  });

  test("keeps to 500 questions a second, for 512 addresses", () => {
    const { probes, addresses, elapsedMs } = run({ family: 6, prefix: 64, count: 512 });
    expect(addresses).toHaveLength(512);
    expect(elapsedMs).toBeLessThan(2100);
    for (let from = 0; from < 1000; from += 100) {
      const within = probes.filter(({ atMs }) => atMs >= from && atMs < from + 100);
      expect(within.length).toBeLessThanOrEqual(50 + 16 + 3);
    }
  });

  test("takes nothing where objections would not be heard", () => {
    const { addresses, probes } = run({ family: 6, prefix: 64, count: 8, canPrepare: false });
    expect([addresses, probes]).toEqual([[], []]);
  });

  test("ends in time, and what is not proven by then is not had", () => {
    const { addresses, held, table, elapsedMs } = run({ family: 6, prefix: 64, count: 5000 });
    expect(elapsedMs).toBeLessThanOrEqual(4000);
    expect(table.size).toBe(addresses.length);
    expect(held.size).toBe(addresses.length);
    expect(addresses.length).toBeLessThan(1600);
  });
});
