// `postern audit`: inside, firewall and outside side by side, and what was intended. docs/audit.md.
import { auditHost } from "../../audit/audit-host.js";
import type { AuditOptions, AuditSubject, Blindness } from "../../audit/audit-subject.js";
import { COULD_NOT_LOOK } from "../../audit/host-findings/could-not-look.js";
import { lookAtOtherMachine, type OtherMachine } from "../../audit/other-machine.js";
import { lookAtThisMachine } from "../../audit/this-machine.js";
import { ownAddresses } from "../../linux/own-addresses.js";
import { type AuditedHost, type AuditReport, SEVERITIES, type Severity } from "../../model/audit-report.js";
import { PosternError, UnreachableError, UsageError } from "../../model/errors.js";
import { VERSION } from "../../model/version.js";
import type { Policy } from "../../policy/policy.js";
import { auditJson } from "../../report/audit/audit-json.js";
import { auditText } from "../../report/audit/audit-text.js";
import { printable } from "../../report/printable.js";
import type { Address } from "../../target/address.js";
import { singleBlock } from "../../target/address-block.js";
import type { ScopeData } from "../../target/scope.js";
import type { Vantage } from "../../vantage/vantage.js";
import type { Command, CommandConsole } from "../command.js";
import { commandHelp, parseCommandOptions } from "../command-options.js";
import { readUdpPayloads } from "../data-files.js";
import { readKnownScope } from "../known-scope.js";
import { ScanHours } from "../scan-hours.js";
import { readPolicyFile } from "../settings-file.js";
import { settleScope } from "../settle-scope.js";
import { AuditFiles } from "./audit-files.js";
import { AUDIT_USAGE, type AuditDraft, newAuditDraft } from "./audit-options.js";
import { auditOptions } from "./audit-settings.js";
import { type OpeningMeans, openVantage, readSources, readVantageWishes, type VantageWish } from "./open-vantages.js";
import { readOtherMachines } from "./other-machines.js";

const AS_INTENDED = 0;
const FINDINGS = 1;
const COULD_NOT = 3;

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
    const files = new AuditFiles(draft.files);
    const report = await audit(hosts, draft, console);
    files.write(report, draft.failOn);
    console.writeOut(
      draft.isJson
        ? auditJson(report)
        : auditText(report, { columns: console.columns, isBrief: draft.isBrief, isVerbose: draft.isVerbose }),
    );
    return statusOf(report, draft.failOn);
  },
};

async function audit(names: readonly string[], draft: AuditDraft, console: CommandConsole): Promise<AuditReport> {
  const startedAt = new Date().toISOString();
  const file = await readPolicyFile(draft.policyFile, console.environment);
  const policy = file?.policy;
  const hours = policy === undefined ? undefined : ScanHours.begin(policy);
  try {
    const interrupts = console.watchInterrupts();
    const signal = hours === undefined ? interrupts : AbortSignal.any([interrupts, hours.signal]);
    const others = await readOtherMachines(names, draft);
    const options = await auditOptions(draft, policy, signal);
    const scope = await settledScope(others, options, policy, console);
    const run = new AuditRun(draft, policy, { ...options, scope });
    const hosts = others.length === 0 ? [await run.thisMachine()] : await run.otherMachines(others);
    if (hours?.fault !== undefined) console.writeError(`Note: ${printable(hours.fault.message)}\n`);
    return { version: VERSION, startedAt, endedAt: new Date().toISOString(), policyFile: file?.path, hosts };
  } finally {
    hours?.close();
  }
}

/** Nobody is asked: an audit is mostly nobody's who sits there. What was answered before counts. */
function settledScope(
  machines: readonly OtherMachine[],
  { scope }: AuditOptions,
  policy: Policy | undefined,
  { environment }: CommandConsole,
): Promise<ScopeData> {
  const targets = machines.flatMap(({ name, addresses }) =>
    addresses.map((address) => ({ name, block: singleBlock(address) })),
  );
  return settleScope(targets, scope, policy, { known: () => readKnownScope(environment), keep: () => {} });
}

class AuditRun {
  readonly #draft: AuditDraft;
  readonly #policy: Policy | undefined;
  readonly #options: AuditOptions;

  constructor(draft: AuditDraft, policy: Policy | undefined, options: AuditOptions) {
    this.#draft = draft;
    this.#policy = policy;
    this.#options = options;
  }

  async thisMachine(): Promise<AuditedHost> {
    return this.#withVantages("self", ownAddresses(), async (vantages, missing) =>
      auditHost(blindTo(await lookAtThisMachine(vantages), missing), this.#options),
    );
  }

  async otherMachines(machines: readonly OtherMachine[]): Promise<readonly AuditedHost[]> {
    const targets = machines.flatMap(({ addresses }) => addresses);
    return this.#withVantages("here", targets, (vantages, missing) =>
      Promise.all(
        machines.map(async (machine) =>
          auditHost(blindTo(await lookAtOtherMachine(machine, vantages, this.#options.signal), missing), this.#options),
        ),
      ),
    );
  }

  /**
   * Opens the places to ask from, and closes them whatever happens. Where one of several cannot be had, the others are asked.
   *
   * @throws PosternError when none can be had
   */
  async #withVantages<Result>(
    usual: string,
    targets: readonly Address[],
    work: (vantages: readonly Vantage[], missing: readonly Blindness[]) => Promise<Result>,
  ): Promise<Result> {
    const { from, sources } = this.#draft;
    const wishes: readonly VantageWish[] = readVantageWishes(from.length === 0 ? [usual] : from, this.#policy);
    const means: OpeningMeans = {
      sources: readSources(sources),
      udpPayloads: readUdpPayloads(false),
      targets,
      sshConfigFile: this.#draft.sshConfigFile,
      signal: this.#options.signal,
    };
    const vantages: Vantage[] = [];
    const missing: Blindness[] = [];
    try {
      for (const wish of wishes) {
        const opened = await openVantage(wish, means).catch((error: unknown) => whyMissing(error, wish, wishes.length));
        if ("why" in opened) missing.push(opened);
        else vantages.push(opened);
      }
      if (vantages.length === 0)
        throw new UnreachableError(missing.map(({ what, why }) => `${what}: ${why}`).join("; "));
      return await work(vantages, missing);
    } finally {
      await Promise.all(vantages.map((vantage) => vantage[Symbol.asyncDispose]()));
    }
  }
}

/** A place that cannot be had, where there are others; a place alone is all that there is to say. */
function whyMissing(error: unknown, { name }: VantageWish, wishCount: number): Blindness {
  if (wishCount === 1 || !(error instanceof PosternError) || error instanceof UsageError) throw error;
  return { what: `what answers from ${name}`, why: error.message };
}

function blindTo(subject: AuditSubject, missing: readonly Blindness[]): AuditSubject {
  return missing.length === 0 ? subject : { ...subject, blindnesses: [...subject.blindnesses, ...missing] };
}

/** What is accepted counts no more. */
function statusOf({ hosts }: AuditReport, failOn: Severity): number {
  const findings = hosts.flatMap((host) => host.findings).filter(({ accepted }) => accepted === undefined);
  const least = SEVERITIES.indexOf(failOn);
  if (findings.some(({ severity }) => SEVERITIES.indexOf(severity) >= least)) return FINDINGS;
  return findings.some(({ key }) => key === COULD_NOT_LOOK) ? COULD_NOT : AS_INTENDED;
}
