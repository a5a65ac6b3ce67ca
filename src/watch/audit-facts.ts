// Of an audit only what is compared from run to run: findings, how ports look from each vantage point, and what could not be
// looked at. Made of a report as `postern audit --json` writes it, and kept as what is believed.
import { deflateSync, inflateSync } from "node:zlib";
import { type AuditReport, type AuditRow, SEVERITIES, type Severity } from "../model/audit-report.js";
import { InputError } from "../model/errors.js";
import { type Check, hasShape, isBoolean, isListOf, isOneOf, isText } from "../store/check.js";
import { type Fault, quote } from "../target/fault.js";

/** A finding, without what changes from run to run all the same: process numbers, counters, words of its evidence. */
export interface FindingFacts {
  readonly key: string;
  /** "192.0.2.1/tcp/22", or what else the audit names. */
  readonly place: string;
  readonly severity: Severity;
  readonly vantages: readonly string[];
  readonly title: string;
  readonly isAccepted: boolean;
}

/** A port as one vantage point has it. */
export interface ViewFacts {
  readonly vantage: string;
  readonly verdict: string;
  /** False where it was not asked, or where silence may be loss. */
  readonly isSeen: boolean;
}

/** A port. */
export interface RowFacts {
  readonly place: string;
  readonly isInsideKnown: boolean;
  readonly areRulesKnown: boolean;
  readonly views: readonly ViewFacts[];
}

/** A host. */
export interface HostFacts {
  readonly name: string;
  readonly vantages: readonly string[];
  /** What could not be looked at, each in words. */
  readonly blind: readonly string[];
  readonly findings: readonly FindingFacts[];
  readonly rows: readonly RowFacts[];
}

/** An audit. */
export interface AuditFacts {
  readonly hosts: readonly HostFacts[];
}

/** The key of the finding that says what could not be looked at. */
export const COULD_NOT_LOOK = "could-not-look";

const FACTS_BYTES_MAX = 256 * 1024 * 1024;

/** Takes a report for an audit if it has all that is compared; more may be in it. */
export function readAuditReport(text: string): AuditReport | Fault {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return { fault: "no JSON" };
    throw error;
  }
  if (!has(value, "hosts", isListOf(isHost))) return { fault: "no report of an audit" };
  if (has(value, "format", isText) && value.format !== "postern-audit")
    return { fault: `a report ${quote(value.format)}` };
  // Only what was checked is read of it: see factsOf.
  return value as unknown as AuditReport;
}

/** What is compared of a report. */
export function factsOf({ hosts }: AuditReport): AuditFacts {
  return {
    hosts: hosts.map(({ name, vantages, findings, rows }) => ({
      name,
      vantages: vantages.map((vantage) => vantage.name),
      blind: findings.filter(({ key }) => key === COULD_NOT_LOOK).flatMap(({ evidence }) => evidence),
      findings: findings.map(({ key, place, severity, vantages: seenFrom, title, accepted }) => {
        return {
          key,
          place,
          severity,
          vantages: seenFrom,
          title,
          isAccepted: accepted !== undefined && accepted !== null,
        };
      }),
      rows: rows.map(rowFacts),
    })),
  };
}

function rowFacts({ address, protocol, port, inside, views }: AuditRow): RowFacts {
  return {
    place: `${address}/${protocol}/${port}`,
    isInsideKnown: inside !== undefined && inside !== null,
    areRulesKnown: views.every(({ firewall }) => firewall !== undefined && firewall?.verdict !== "unknown"),
    views: views.map(({ vantage, verdict, outside }) => {
      const reason = outside?.reason;
      return { vantage, verdict, isSeen: reason !== undefined && reason !== "no-response-lossy" };
    }),
  };
}

/** Packs what is believed. */
export function packFacts(facts: AuditFacts): Uint8Array {
  return deflateSync(JSON.stringify(facts));
}

/**
 * Unpacks what was believed.
 *
 * @throws InputError when it is damaged
 */
export function unpackFacts(bytes: Uint8Array, file: string): AuditFacts {
  let value: unknown;
  try {
    value = JSON.parse(inflateSync(bytes, { maxOutputLength: FACTS_BYTES_MAX }).toString("utf8"));
  } catch (error) {
    throw damaged(file, error);
  }
  if (!isFacts(value)) throw damaged(file, undefined);
  return value;
}

function damaged(file: string, cause: unknown): InputError {
  return new InputError("what this watch knew is damaged", { file }, { cause });
}

const isTexts = isListOf(isText);
const isSeverity = isOneOf(SEVERITIES);

const isFacts: Check<AuditFacts> = hasShape<AuditFacts>({
  hosts: isListOf(
    hasShape<HostFacts>({
      name: isText,
      vantages: isTexts,
      blind: isTexts,
      findings: isListOf(
        hasShape<FindingFacts>({
          key: isText,
          place: isText,
          severity: isSeverity,
          vantages: isTexts,
          title: isText,
          isAccepted: isBoolean,
        }),
      ),
      rows: isListOf(
        hasShape<RowFacts>({
          place: isText,
          isInsideKnown: isBoolean,
          areRulesKnown: isBoolean,
          views: isListOf(hasShape<ViewFacts>({ vantage: isText, verdict: isText, isSeen: isBoolean })),
        }),
      ),
    }),
  ),
});

/** True for an object with such a property. */
function has<Key extends string, Value>(value: unknown, key: Key, check: Check<Value>): value is Record<Key, Value> {
  return typeof value === "object" && value !== null && key in value && check((value as Record<Key, unknown>)[key]);
}

/** True for an object, or for nothing. */
function isMaybeObject(value: unknown): value is object | null | undefined {
  return value === undefined || value === null || (typeof value === "object" && !Array.isArray(value));
}

function isHost(value: unknown): value is object {
  return (
    has(value, "name", isText) &&
    has(
      value,
      "vantages",
      isListOf((one): one is object => has(one, "name", isText)),
    ) &&
    has(value, "findings", isListOf(isFinding)) &&
    has(value, "rows", isListOf(isRow))
  );
}

function isFinding(value: unknown): value is object {
  return (
    has(value, "key", isText) &&
    has(value, "place", isText) &&
    has(value, "severity", isSeverity) &&
    has(value, "vantages", isTexts) &&
    has(value, "title", isText) &&
    has(value, "evidence", isTexts)
  );
}

function isRow(value: unknown): value is object {
  return (
    has(value, "address", isText) &&
    has(value, "protocol", isOneOf(["tcp", "udp"])) &&
    has(value, "port", (port): port is number => Number.isInteger(port)) &&
    has(value, "views", isListOf(isView))
  );
}

function isView(value: unknown): value is object {
  const isWhole = has(value, "vantage", isText) && has(value, "verdict", isText);
  if (!isWhole) return false;
  const { firewall, outside } = value as { readonly firewall?: unknown; readonly outside?: unknown };
  return isMaybeObject(firewall) && isMaybeObject(outside);
}
