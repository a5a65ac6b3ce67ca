// The findings of one host in the making: what is so at several addresses, or seen from several vantage points, is one finding.
import { type Confidence, type Finding, SEVERITIES, type Severity } from "../model/audit-report.js";
import { type Address, formatAddress } from "../target/address.js";
import type { AskedPort } from "../vantage/vantage.js";
import type { Intentions } from "./intentions.js";
import type { Judgement } from "./port-case.js";

const CONFIDENCES: readonly Confidence[] = ["possible", "likely", "certain"];

/** Where something is found: a port, an address as a whole, or the host by its name. */
export type FindingPlace = AskedPort | Address | string;

interface Draft {
  readonly key: string;
  /** By their texts. */
  readonly places: Map<string, FindingPlace>;
  readonly vantages: Set<string>;
  readonly evidence: Set<string>;
  judgement: Judgement;
}

/** Collects them. */
export class FindingBook {
  readonly #drafts = new Map<string, Draft>();
  readonly #host: string;
  readonly #intentions: Intentions;

  /** @param host The host's name */
  constructor(host: string, intentions: Intentions) {
    this.#host = host;
    this.#intentions = intentions;
  }

  add(key: string, place: FindingPlace, judgement: Judgement, vantage: string | undefined): void {
    const name = `${key} ${subjectOf(place)}`;
    let draft = this.#drafts.get(name);
    if (draft === undefined) {
      draft = { key, places: new Map(), vantages: new Set(), evidence: new Set(), judgement };
      this.#drafts.set(name, draft);
    }
    draft.places.set(placeText(place), place);
    if (vantage !== undefined) draft.vantages.add(vantage);
    for (const one of judgement.evidence) draft.evidence.add(one);
    draft.judgement = weightier(draft.judgement, judgement);
  }

  /** The gravest first. */
  findings(): readonly Finding[] {
    const all = [...this.#drafts.values()].map((draft) => this.#finish(draft));
    return all.sort((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity));
  }

  #finish({ key, places, vantages, evidence, judgement }: Draft): Finding {
    const texts = [...places.keys()];
    const [first] = places.values();
    const isOne = texts.length === 1;
    const addresses = [...places.values()].flatMap((place) => (isPort(place) ? formatAddress(place.address) : []));
    return {
      key,
      place: isOne || first === undefined || !isPort(first) ? texts.join(", ") : `${this.#host}/${subjectOf(first)}`,
      severity: judgement.severity,
      confidence: judgement.confidence,
      vantages: [...vantages],
      title: judgement.title,
      evidence: [...(isOne ? [] : [`at ${addresses.join(", ")}`]), ...evidence],
      nextStep: judgement.nextStep,
      accepted: this.#acceptanceOf(key, [...places.values()]),
    };
  }

  /** What is so at several addresses is accepted where it is at each of them, or for the host as a whole. */
  #acceptanceOf(key: string, places: readonly FindingPlace[]): Finding["accepted"] {
    const [first] = places;
    if (first !== undefined && isPort(first) && places.length > 1) {
      const { protocol, port } = first;
      const forHost = this.#intentions.acceptance(key, { host: this.#host, protocol, port });
      if (forHost !== undefined) return forHost;
    }
    const each = places.map((place) => this.#intentions.acceptance(key, place));
    return each.includes(undefined) ? undefined : each[0];
  }
}

function isPort(place: FindingPlace): place is AskedPort {
  return typeof place === "object" && "port" in place;
}

/** What findings of several addresses have in common: "tcp/22". */
function subjectOf(place: FindingPlace): string {
  if (isPort(place)) return `${place.protocol}/${place.port}`;
  return placeText(place);
}

/** "192.0.2.1/tcp/22". */
function placeText(place: FindingPlace): string {
  if (typeof place === "string") return place;
  return isPort(place) ? `${formatAddress(place.address)}/${subjectOf(place)}` : formatAddress(place);
}

/** The graver of two. */
export function graver(one: Severity, other: Severity): Severity {
  return SEVERITIES.indexOf(one) >= SEVERITIES.indexOf(other) ? one : other;
}

/** The graver of two in its own words; of two that are as grave the first, as sure as the surer. */
function weightier(one: Judgement, other: Judgement): Judgement {
  if (one.severity === other.severity) return { ...one, confidence: surer(one.confidence, other.confidence) };
  return graver(one.severity, other.severity) === one.severity ? one : other;
}

function surer(one: Confidence, other: Confidence): Confidence {
  return CONFIDENCES.indexOf(one) >= CONFIDENCES.indexOf(other) ? one : other;
}
