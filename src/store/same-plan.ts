// Whether two plans ask the same. Only such a plan may go on from a journal: host numbers and what is left follow from it.
import { createHash } from "node:crypto";
import { toJson } from "./plain-data.js";

/**
 * What may change when a scan goes on: pace, how probes leave, in which order, what is allowed and what is told. A field
 * that is not named here counts, so that a new one cannot be forgotten.
 */
const MAY_CHANGE: ReadonlySet<string> = new Set([
  "timing",
  "transport",
  "isPrivileged",
  "sourceAddresses",
  "borrowCount",
  "isIcmpRationDefeated",
  "isResetRationDefeated",
  "likelyPorts",
  "isSequential",
  "scope",
  "targetTexts",
  "isDownReported",
  "isJournaled",
  "resume",
]);

/** 128 bits of SHA-256, as hex digits. */
const DIGITS = 32;

/** A short text that is the same for plans that ask the same. */
export function planFingerprint(plan: object): string {
  const asked = Object.fromEntries(Object.entries(plan).filter(([key]) => !MAY_CHANGE.has(key)));
  return createHash("sha256")
    .update(JSON.stringify(toJson(asked)))
    .digest("hex")
    .slice(0, DIGITS);
}

/** True when a plan asks what the journal's plan asks. */
export function isSamePlan(header: { readonly plan: object }, plan: object): boolean {
  return planFingerprint(header.plan) === planFingerprint(plan);
}
