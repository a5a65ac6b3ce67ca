// The findings of one host in the making: what several vantage points see is one finding.
import { type Confidence, type Finding, SEVERITIES, type Severity } from "../model/audit-report.js";
import { type Address, formatAddress } from "../target/address.js";
import type { AskedPort } from "../vantage/vantage.js";
import type { Intentions } from "./intentions.js";
import type { Judgement } from "./port-case.js";

const CONFIDENCES: readonly Confidence[] = ["possible", "likely", "certain"];

/** Collects them. */
export class FindingBook {
  readonly #byName = new Map<string, Finding>();
  readonly #intentions: Intentions;

  constructor(intentions: Intentions) {
    this.#intentions = intentions;
  }

  /** @param place A port, an address as a whole, or the host by its name */
  add(key: string, place: AskedPort | Address | string, judgement: Judgement, vantage: string | undefined): void {
    const text = placeText(place);
    const name = `${key}@${text}`;
    const known = this.#byName.get(name);
    const vantages = vantage === undefined ? [] : [vantage];
    if (known === undefined) {
      const { severity, confidence, title, evidence, nextStep } = judgement;
      const accepted = this.#intentions.acceptance(key, place);
      this.#byName.set(name, { key, place: text, severity, confidence, vantages, title, evidence, nextStep, accepted });
      return;
    }
    this.#byName.set(name, {
      ...known,
      severity: graver(known.severity, judgement.severity),
      confidence: surer(known.confidence, judgement.confidence),
      vantages: [...new Set([...known.vantages, ...vantages])],
      evidence: [...new Set([...known.evidence, ...judgement.evidence])],
    });
  }

  /** The gravest first. */
  findings(): readonly Finding[] {
    return [...this.#byName.values()].sort((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity));
  }
}

/** "192.0.2.1/tcp/22". */
export function placeText(place: AskedPort | Address | string): string {
  if (typeof place === "string") return place;
  if ("family" in place) return formatAddress(place);
  return `${formatAddress(place.address)}/${place.protocol}/${place.port}`;
}

/** The graver of two. */
export function graver(one: Severity, other: Severity): Severity {
  return SEVERITIES.indexOf(one) >= SEVERITIES.indexOf(other) ? one : other;
}

function surer(one: Confidence, other: Confidence): Confidence {
  return CONFIDENCES.indexOf(one) >= CONFIDENCES.indexOf(other) ? one : other;
}
