// How an audit is run, by the command line and the settings file.
import type { AuditOptions } from "../../audit/audit-subject.js";
import { type Intentions, UNSAID } from "../../audit/intentions.js";
import { PolicyIntentions } from "../../audit/policy-intentions.js";
import { resolveName } from "../../linux/resolve.js";
import type { Policy } from "../../policy/policy.js";
import { PolicyLookup } from "../../policy/policy-lookup.js";
import type { Address } from "../../target/address.js";
import { PORT_MAX } from "../../target/port-set.js";
import { readPortRanking, readServiceTable } from "../data-files.js";
import { readScope, withExcludedNames } from "../read-scope.js";
import type { AuditDraft } from "./audit-options.js";

/** What is asked whatever is known; more is named by the inside, the rules and the settings file. */
const LIKELY_PORTS = 20;

/** Reads it. */
export async function auditOptions(
  draft: AuditDraft,
  policy: Policy | undefined,
  signal: AbortSignal,
): Promise<AuditOptions> {
  const services = readServiceTable();
  const scope = await withExcludedNames(readScope({ authorized: draft.authorized, policy }), policy);
  const rates = [draft.maxRate, policy?.limits.ratePps].filter((rate) => rate !== undefined);
  return {
    intentions: policy === undefined ? UNSAID : await intentionsOf(policy),
    likelyPorts: likelyPorts(draft.isAllPorts),
    serviceName: (port, protocol) => services.nameOf(port, protocol),
    scope,
    maxRate: rates.length === 0 ? undefined : Math.min(...rates),
    signal,
  };
}

/** Names in the settings file are looked up once, all at the same time. */
async function intentionsOf(policy: Policy): Promise<Intentions> {
  const names = new Set(policy.expect.flatMap(({ hosts }) => hosts.names.map(({ name }) => name)));
  const found = new Map<string, readonly Address[]>();
  await Promise.all(
    [...names].map(async (name) => {
      const resolution = await resolveName(name);
      found.set(name, "why" in resolution ? [] : resolution.addresses);
    }),
  );
  const nowMs = Date.now();
  return new PolicyIntentions(new PolicyLookup(policy, { addressesOf: (name) => found.get(name) ?? [], nowMs }), nowMs);
}

function likelyPorts(isAllPorts: boolean): AuditOptions["likelyPorts"] {
  const ports = isAllPorts
    ? Array.from({ length: PORT_MAX }, (_, at) => at + 1)
    : readPortRanking().top("tcp", LIKELY_PORTS);
  return ports.map((port) => ({ protocol: "tcp", port }));
}
