// Reads postern.yaml: the text, the schema, and what contradicts itself. docs/policy.md.
import type * as z from "zod/mini";
import { InputError, type InputPlace } from "../model/errors.js";
import { isFault, quote } from "../target/fault.js";
import { nearest } from "../target/nearest.js";
import { buildPolicy, type TakeFault } from "./build-policy.js";
import { findContradictions } from "./contradictions.js";
import type { Policy } from "./policy.js";
import { schemaIn } from "./policy-schema.js";
import { TimeZone } from "./time-zone.js";
import { readYaml, type YamlPath, type YamlText } from "./yaml-text.js";

/** A text that was read, with everything that is wrong with it. */
export interface CheckedPolicy {
  /** Undefined where anything is wrong. */
  readonly policy: Policy | undefined;
  /** In the order of the file. */
  readonly faults: readonly InputError[];
}

type Issue = z.core.$ZodIssue;

/**
 * Reads the text of a policy; one without anything in it says nothing.
 *
 * @param localZone The time zone of a file that names none
 * @throws InputError the first thing that is wrong, with line and column
 */
export function readPolicy(text: string, file: string, localZone: string): Policy {
  const { policy, faults } = checkPolicy(text, file, localZone);
  const [first, ...others] = faults;
  if (first === undefined && policy !== undefined) return policy;
  if (first === undefined || others.length === 0) throw first ?? new InputError("cannot be understood", { file });
  const count = others.length === 1 ? "one more thing is" : `${others.length} more things are`;
  const hint = first.hint ?? `${count} wrong with it: postern policy check ${file}`;
  const message = first.message.slice(first.message.indexOf(": ") + 2);
  throw new InputError(message, first.place, { hint, cause: first });
}

/** Reads the text of a policy and finds as much that is wrong with it as can be found; of broken YAML only the first place. */
export function checkPolicy(text: string, file: string, localZone: string): CheckedPolicy {
  const faults: InputError[] = [];
  const take: TakeFault = (message, at) => faults.push(new InputError(message, at));
  const policy = policyOf(text, file, localZone, take, faults);
  faults.sort((one, other) => byPlace(one.place, other.place));
  return { policy: faults.length === 0 ? policy : undefined, faults };
}

function policyOf(
  text: string,
  file: string,
  localZone: string,
  take: TakeFault,
  faults: InputError[],
): Policy | undefined {
  const yaml = yamlOf(text, file, faults);
  if (yaml === undefined) return undefined;
  const zone = zoneOf(yaml.value, localZone);
  const { data, error } = schemaIn(zone).safeParse(yaml.value ?? {}, { error: () => "cannot be understood" });
  if (error !== undefined) {
    for (const issue of error.issues) takeIssue(issue, [], yaml, take);
    return undefined;
  }
  const policy = buildPolicy({ file, zoneName: zone.name, text: data, yaml }, take);
  findContradictions(policy, take);
  return policy;
}

function yamlOf(text: string, file: string, faults: InputError[]): YamlText | undefined {
  try {
    return readYaml(text, file);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    faults.push(error);
    return undefined;
  }
}

/** Dates can be looked at even where the zone is wrong, which is told beside. */
function zoneOf(value: unknown, localZone: string): TimeZone {
  const given = typeof value === "object" && value !== null && "timezone" in value ? value.timezone : undefined;
  for (const name of [given, localZone, "UTC"]) {
    const zone = typeof name === "string" ? TimeZone.of(name) : undefined;
    if (zone !== undefined && !isFault(zone)) return zone;
  }
  throw new RangeError("there is no time zone UTC");
}

function takeIssue(issue: Issue, above: YamlPath, yaml: YamlText, take: TakeFault): void {
  const path = [...above, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    for (const key of issue.keys)
      take(unknownKey(key, path, issue.message.split(", ")), yaml.keyPlaceOf([...path, key]));
    return;
  }
  const meant = issue.code === "invalid_union" ? meantBranch(issue.errors) : undefined;
  if (meant !== undefined) {
    for (const one of meant) takeIssue(one, path, yaml, take);
    return;
  }
  take(sentence(path, issue.message), yaml.placeOf(path));
}

/** Of several forms the one that the value has: only its own parts are wrong. */
function meantBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return branches.find((issues) => issues.every(({ code, path }) => code !== "invalid_type" || path.length > 0));
}

function unknownKey(key: string, path: YamlPath, known: readonly string[]): string {
  const meant = nearest(key, known);
  const hint = meant === undefined ? `these are known: ${known.join(", ")}` : `did you mean ${meant}?`;
  return `${shownPath(path, ": ")}unknown key ${quote(key)}; ${hint}`;
}

/** Clauses follow the key, what readers say stands alone. */
function sentence(path: YamlPath, message: string): string {
  return `${shownPath(path, message.startsWith("needs ") ? " " : ": ")}${message}`;
}

/** Keys only: which of a list it is, line and column say. */
function shownPath(path: YamlPath, end: string): string {
  const keys = path.filter((part) => typeof part !== "number").map(String);
  const shown = keys.map((key) => (/^[\w.:/ -]{1,64}$/.test(key) ? key : quote(key)));
  return shown.length === 0 ? "" : `${shown.join(".")}${end}`;
}

function byPlace(one: InputPlace, other: InputPlace): number {
  return (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0);
}
