// `postern audit`: inside, firewall and outside side by side, and what was intended. docs/audit.md.
import { auditHost } from "../../audit/audit-host.js";
import type { AuditOptions } from "../../audit/audit-subject.js";
import { COULD_NOT_LOOK } from "../../audit/host-findings/could-not-look.js";
import { type Intentions, UNSAID } from "../../audit/intentions.js";
import { PolicyIntentions } from "../../audit/policy-intentions.js";
import { lookAtThisMachine } from "../../audit/this-machine.js";
import { resolveName } from "../../linux/resolve.js";
import { type AuditReport, SEVERITIES, type Severity } from "../../model/audit-report.js";
import { UsageError } from "../../model/errors.js";
import { VERSION } from "../../model/version.js";
import type { Policy } from "../../policy/policy.js";
import { PolicyLookup } from "../../policy/policy-lookup.js";
import { jsonText } from "../../report/json-text.js";
import type { Address } from "../../target/address.js";
import { PORT_MAX } from "../../target/port-set.js";
import type { Vantage } from "../../vantage/vantage.js";
import type { Command, CommandConsole } from "../command.js";
import { commandHelp, parseCommandOptions } from "../command-options.js";
import { readPortRanking, readServiceTable, readUdpPayloads } from "../data-files.js";
import { readScope, withExcludedNames } from "../read-scope.js";
import { readPolicyFile } from "../settings-file.js";
import { AUDIT_USAGE, type AuditDraft, newAuditDraft } from "./audit-options.js";
import { openVantage, readSources, readVantageWishes } from "./open-vantages.js";

const AS_INTENDED = 0;
const FINDINGS = 1;
const COULD_NOT = 3;
/** What is asked whatever is known; more is named by the inside, the rules and the settings file. */
const LIKELY_PORTS = 20;

/** The command. */
export const auditCommand: Command = {
  name: "audit",
  summary: "show where what listens, what the firewall lets in and what answers disagree",
  async run(words, console) {
    const draft = newAuditDraft();
    const hosts = parseCommandOptions(AUDIT_USAGE, words, draft);
    if (draft.isHelp) {
      console.writeOut(commandHelp(AUDIT_USAGE, console.columns ?? 80));
      return AS_INTENDED;
    }
    if (hosts.length > 0) throw new UsageError("other hosts than this machine cannot be audited yet");
    const report = await audit(draft, console);
    console.writeOut(`${jsonText(report)}\n`);
    return statusOf(report, draft.failOn);
  },
};

async function audit(draft: AuditDraft, console: CommandConsole): Promise<AuditReport> {
  const startedAt = new Date();
  const file = await readPolicyFile(draft.policyFile, console.environment);
  const options = await optionsOf(draft, file?.policy, console.watchInterrupts());
  const wishes = readVantageWishes(draft.from.length === 0 ? ["self"] : draft.from, file?.policy);
  const means = { sources: readSources(draft.sources), udpPayloads: readUdpPayloads(false) };
  const vantages: Vantage[] = [];
  try {
    for (const wish of wishes) vantages.push(await openVantage(wish, means));
    const host = await auditHost(await lookAtThisMachine(vantages), options);
    return {
      version: VERSION,
      startedAt: startedAt.toISOString(),
      endedAt: new Date().toISOString(),
      policyFile: file?.path,
      hosts: [host],
    };
  } finally {
    await Promise.all(vantages.map((vantage) => vantage[Symbol.asyncDispose]()));
  }
}

async function optionsOf(draft: AuditDraft, policy: Policy | undefined, signal: AbortSignal): Promise<AuditOptions> {
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

/** What is accepted counts no more. */
function statusOf({ hosts }: AuditReport, failOn: Severity): number {
  const findings = hosts.flatMap((host) => host.findings).filter(({ accepted }) => accepted === undefined);
  const least = SEVERITIES.indexOf(failOn);
  if (findings.some(({ severity }) => SEVERITIES.indexOf(severity) >= least)) return FINDINGS;
  return findings.some(({ key }) => key === COULD_NOT_LOOK) ? COULD_NOT : AS_INTENDED;
}
