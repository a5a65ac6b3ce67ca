// Proves that addresses are unused before they are borrowed: RFC 5227 §2.1.1 for IPv4, RFC 4862 §5.4 for IPv6, for many
// addresses side by side. It only asks and waits: who hears an objection ends the loan.
import type { Random } from "../target/random.js";
import type { AddressCandidates } from "./address-candidates.js";
import type { Loan, LoanTable } from "./loan-table.js";

/** How one address is asked for, and how long the whole may take. Times are random between the two ends. */
interface ClaimRules {
  readonly firstProbeMs: readonly [least: number, most: number];
  readonly probeCount: number;
  readonly betweenProbesMs: readonly [least: number, most: number];
  /** Silence behind the last probe. */
  readonly settleMs: number;
  readonly limitMs: number;
}

/** By family. */
export const CLAIM_RULES: Readonly<Record<4 | 6, ClaimRules>> = {
  /** PROBE_WAIT, PROBE_NUM, PROBE_MIN and PROBE_MAX, ANNOUNCE_WAIT of RFC 5227 §1.1. */
  4: { firstProbeMs: [0, 1000], probeCount: 3, betweenProbesMs: [1000, 2000], settleMs: 2000, limitMs: 10_000 },
  /**
   * DupAddrDetectTransmits of RFC 4862 §5.1 and RetransTimer of RFC 4861 §10. The delay before the first probe is for
   * nodes that boot at once; ours are spread by their pace.
   */
  6: { firstProbeMs: [0, 0], probeCount: 1, betweenProbesMs: [1000, 1000], settleMs: 1000, limitMs: 4000 },
};

/** All probes together: what every host of the link has to look at. */
const PROBES_PER_MS = 0.5;
const BURST = 16;
/** RFC 5227 §2.1.1, MAX_CONFLICTS: so many addresses may be lost besides as many as are wanted. */
const SPARE_COUNT = 10;

/** What a claim works with. */
export interface ClaimParts {
  readonly rules: ClaimRules;
  /** Addresses that are wanted. */
  readonly count: number;
  readonly table: LoanTable;
  readonly candidates: AddressCandidates;
  readonly random: Random;
  /** Makes sure that objections will be heard; false when they cannot be, and then the address is left alone. */
  prepare(loan: Loan): boolean;
  /** Asks whether anybody has the address. */
  probe(loan: Loan): void;
  /** Nobody has it: it is ours from now on. */
  hold(loan: Loan): void;
}

interface Candidate {
  readonly loan: Loan;
  probesLeft: number;
  dueMs: number;
}

/** One round of claims, from the first step on. */
export class AddressClaim {
  private readonly parts: ClaimParts;
  private readonly endMs: number;
  private pending: Candidate[] = [];
  private drawsLeft: number;
  private probeBudget = BURST;
  private steppedAtMs: number;

  constructor(parts: ClaimParts, nowMs: number) {
    this.parts = parts;
    this.endMs = nowMs + parts.rules.limitMs;
    this.drawsLeft = 2 * parts.count + SPARE_COUNT;
    this.steppedAtMs = nowMs;
  }

  /** Does what is due; all that has been received must have been looked at before. False when all is decided. */
  step(nowMs: number): boolean {
    this.probeBudget = Math.min(BURST, this.probeBudget + (nowMs - this.steppedAtMs) * PROBES_PER_MS);
    this.steppedAtMs = nowMs;
    if (nowMs >= this.endMs) {
      for (const { loan } of this.pending) if (loan.state === "probing") this.parts.table.remove(loan);
      this.pending = [];
      return false;
    }
    this.draw(nowMs);
    this.pending = this.pending.filter((candidate) => this.advance(candidate, nowMs));
    return this.pending.length > 0;
  }

  /** Fills up what is missing, as long as there is time to prove it. */
  private draw(nowMs: number): void {
    const { count, rules, table, candidates } = this.parts;
    const longestMs = rules.firstProbeMs[1] + (rules.probeCount - 1) * rules.betweenProbesMs[1] + rules.settleMs;
    while (table.size < count && this.drawsLeft > 0 && nowMs + longestMs <= this.endMs) {
      this.drawsLeft--;
      const address = candidates.next();
      if (address === undefined) return;
      const loan = table.add(address);
      if (loan === undefined) continue;
      if (this.parts.prepare(loan)) {
        this.pending.push({ loan, probesLeft: rules.probeCount, dueMs: nowMs + this.between(rules.firstProbeMs) });
      } else table.remove(loan);
    }
  }

  /** False when nothing more is to be done for this one. */
  private advance(candidate: Candidate, nowMs: number): boolean {
    const { rules } = this.parts;
    const { loan } = candidate;
    if (loan.state !== "probing") return false;
    if (nowMs < candidate.dueMs) return true;
    if (candidate.probesLeft === 0) {
      loan.state = "held";
      this.parts.hold(loan);
      return false;
    }
    if (this.probeBudget < 1) return true;
    this.probeBudget--;
    this.parts.probe(loan);
    candidate.probesLeft--;
    candidate.dueMs = nowMs + (candidate.probesLeft === 0 ? rules.settleMs : this.between(rules.betweenProbesMs));
    return true;
  }

  private between([least, most]: readonly [number, number]): number {
    return least + ((most - least) * this.parts.random.next32()) / 2 ** 32;
  }
}
