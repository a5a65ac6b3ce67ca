// `postern audit`: inside, firewall and outside side by side, and what was intended. docs/audit.md.
import { auditHost } from "../../audit/audit-host.js";
import type { AuditOptions } from "../../audit/audit-subject.js";
import { COULD_NOT_LOOK } from "../../audit/host-findings/could-not-look.js";
import { lookAtOtherMachine, type OtherMachine } from "../../audit/other-machine.js";
import { lookAtThisMachine } from "../../audit/this-machine.js";
import { ownAddresses } from "../../linux/own-addresses.js";
import { type AuditedHost, type AuditReport, SEVERITIES, type Severity } from "../../model/audit-report.js";
import { VERSION } from "../../model/version.js";
import type { Policy } from "../../policy/policy.js";
import { auditJson } from "../../report/audit/audit-json.js";
import { auditText } from "../../report/audit/audit-text.js";
import type { Address } from "../../target/address.js";
import { singleBlock } from "../../target/address-block.js";
import { Scope } from "../../target/scope.js";
import type { Vantage } from "../../vantage/vantage.js";
import type { Command, CommandConsole } from "../command.js";
import { commandHelp, parseCommandOptions } from "../command-options.js";
import { readUdpPayloads } from "../data-files.js";
import { refuseOutside } from "../read-scope.js";
import { readPolicyFile } from "../settings-file.js";
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
  const options = await auditOptions(draft, file?.policy, console.watchInterrupts());
  const others = await readOtherMachines(names, draft);
  refuseOutside(
    others.flatMap(({ name, addresses }) => addresses.map((address) => ({ name, block: singleBlock(address) }))),
    Scope.fromData(options.scope),
  );
  const run = new AuditRun(draft, file?.policy, options);
  const hosts = others.length === 0 ? [await run.thisMachine()] : await run.otherMachines(others);
  return { version: VERSION, startedAt, endedAt: new Date().toISOString(), policyFile: file?.path, hosts };
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
    return this.#withVantages("self", ownAddresses(), async (vantages) =>
      auditHost(await lookAtThisMachine(vantages), this.#options),
    );
  }

  async otherMachines(machines: readonly OtherMachine[]): Promise<readonly AuditedHost[]> {
    const targets = machines.flatMap(({ addresses }) => addresses);
    return this.#withVantages("here", targets, (vantages) =>
      Promise.all(
        machines.map(async (machine) =>
          auditHost(await lookAtOtherMachine(machine, vantages, this.#options.signal), this.#options),
        ),
      ),
    );
  }

  /** Opens the places to ask from, and closes them whatever happens. */
  async #withVantages<Result>(
    usual: string,
    targets: readonly Address[],
    work: (vantages: readonly Vantage[]) => Promise<Result>,
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
    try {
      for (const wish of wishes) vantages.push(await openVantage(wish, means));
      return await work(vantages);
    } finally {
      await Promise.all(vantages.map((vantage) => vantage[Symbol.asyncDispose]()));
    }
  }
}

/** What is accepted counts no more. */
function statusOf({ hosts }: AuditReport, failOn: Severity): number {
  const findings = hosts.flatMap((host) => host.findings).filter(({ accepted }) => accepted === undefined);
  const least = SEVERITIES.indexOf(failOn);
  if (findings.some(({ severity }) => SEVERITIES.indexOf(severity) >= least)) return FINDINGS;
  return findings.some(({ key }) => key === COULD_NOT_LOOK) ? COULD_NOT : AS_INTENDED;
}
