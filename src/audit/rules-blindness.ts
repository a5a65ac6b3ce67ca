// The rules of a host, or why they are not known: an audit goes on without them.
import type { Ruleset } from "../firewall/ruleset.js";
import { PosternError } from "../model/errors.js";
import type { Blindness } from "./audit-subject.js";

/** Notes of a listing that mean that something of it is missing. */
const MISSING: ReadonlySet<string> = new Set(["not-listed", "cut", "unknown-set", "xt-rules"]);
const WHAT = "the firewall's rules";

/** Rules, and what is missing of them. */
export interface SeenRules {
  readonly ruleset: Ruleset | undefined;
  readonly blindnesses: readonly Blindness[];
}

/** Reads them. */
export async function seeRules(read: () => Ruleset | Promise<Ruleset>): Promise<SeenRules> {
  try {
    const ruleset = await read();
    const notes = ruleset.notes.filter(({ code }) => MISSING.has(code));
    return { ruleset, blindnesses: notes.map(({ text }) => ({ what: WHAT, why: text })) };
  } catch (error) {
    if (!(error instanceof PosternError)) throw error;
    return { ruleset: undefined, blindnesses: [{ what: WHAT, why: error.message }] };
  }
}
