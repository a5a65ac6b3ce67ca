// This machine as the subject of an audit: its sockets, its rules, its interfaces, at one moment.
import { hostname, release, type as systemType } from "node:os";
import { readLiveEnvironment } from "../firewall/live-environment.js";
import { readLiveRuleset } from "../firewall/live-ruleset.js";
import type { Ruleset } from "../firewall/ruleset.js";
import { readInsideLive } from "../inside/open-inside.js";
import { readUserNames } from "../linux/user-names.js";
import { PosternError } from "../model/errors.js";
import type { Vantage } from "../vantage/vantage.js";
import type { AuditSubject, Blindness } from "./audit-subject.js";

/** Notes of a listing that mean that something of it is missing. */
const MISSING: ReadonlySet<string> = new Set(["not-listed", "cut", "unknown-set", "xt-rules"]);

/**
 * Looks at this machine. The vantage points are there already, for a namespace beside it brings an interface with it.
 */
export async function lookAtThisMachine(vantages: readonly Vantage[]): Promise<AuditSubject> {
  const [rules, inside] = await Promise.all([
    readRules(),
    // Connections, too: some go on that the rules would not let in any more.
    readInsideLive({ wish: { kinds: new Set(["inet"]), onlyListening: false }, onlyOwnNamespace: true }),
  ]);
  return {
    name: hostname(),
    system: `${systemType()} ${release()}`,
    inside,
    userNames: readUserNames(),
    ruleset: rules.ruleset,
    environment: readLiveEnvironment(),
    addresses: undefined,
    blindnesses: rules.blindnesses,
    vantages,
  };
}

/** The rules, or why there are none. */
async function readRules(): Promise<{
  readonly ruleset: Ruleset | undefined;
  readonly blindnesses: readonly Blindness[];
}> {
  try {
    const ruleset = await readLiveRuleset();
    const notes = ruleset.notes.filter(({ code }) => MISSING.has(code));
    return { ruleset, blindnesses: notes.map(({ text }) => ({ what: "the firewall's rules", why: text })) };
  } catch (error) {
    if (!(error instanceof PosternError)) throw error;
    return { ruleset: undefined, blindnesses: [{ what: "the firewall's rules", why: error.message }] };
  }
}
