// This machine as the subject of an audit: its sockets, its rules, its interfaces, at one moment.
import { hostname, release, type as systemType } from "node:os";
import { readLiveEnvironment } from "../firewall/live-environment.js";
import { readLiveRuleset } from "../firewall/live-ruleset.js";
import { readInsideLive } from "../inside/open-inside.js";
import { readUserNames } from "../linux/user-names.js";
import type { Vantage } from "../vantage/vantage.js";
import { AUDITED_SOCKETS, type AuditSubject } from "./audit-subject.js";
import { seeRules } from "./rules-blindness.js";

/**
 * Looks at this machine. The vantage points are there already, for a namespace beside it brings an interface with it.
 */
export async function lookAtThisMachine(vantages: readonly Vantage[]): Promise<AuditSubject> {
  const [rules, inside] = await Promise.all([
    seeRules(readLiveRuleset),
    readInsideLive({ wish: AUDITED_SOCKETS, onlyOwnNamespace: true }),
  ]);
  return {
    name: hostname(),
    system: `${systemType()} ${release()}`,
    inside,
    userNames: readUserNames(),
    ...rules,
    environment: readLiveEnvironment(),
    addresses: undefined,
    vantages,
  };
}
