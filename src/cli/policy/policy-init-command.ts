// `postern policy init`: writes down what of this machine is open now, as the beginning of a policy.
import { closeSync, existsSync, openSync, writeSync } from "node:fs";
import { type OpenDoor, presentDoors } from "../../audit/present-state.js";
import { lookAtThisMachine } from "../../audit/this-machine.js";
import { UsageError } from "../../model/errors.js";
import { type DraftedGroup, type DraftedPorts, draftedPolicy } from "../../policy/drafted-policy.js";
import { readPolicy } from "../../policy/read-policy.js";
import { printable } from "../../report/printable.js";
import { formatAddress } from "../../target/address.js";
import type { CommandConsole } from "../command.js";
import {
  type CommandUsage,
  commandHelp,
  commandUsageError,
  helpOption,
  parseCommandOptions,
} from "../command-options.js";
import { oneFile } from "../option-value.js";
import { localZone } from "../settings-file.js";

const DONE = 0;
const SECTION = "Options";
const USUAL_FILE = "postern.yaml";
const STANDARD_OUTPUT = "-";
/** The owner writes, everybody may read: what is in it is no secret of the host, and whose it is decides whether it is taken. */
const MODE = 0o644;

interface Draft {
  file: string | undefined;
  isHelp: boolean;
}

const USAGE: CommandUsage<Draft> = {
  name: "postern policy init",
  synopsis: "[--file FILE]",
  about: [
    "Writes what of this machine is open now as the beginning of a policy: what waits for others, by which program, and whom the " +
      "firewall lets in to it. Nothing is sent. Read it, and take out what is not meant to be.",
  ],
  options: [
    {
      names: ["--file"],
      value: "FILE",
      values: "file",
      help: `where to; - for standard output (default: ${USUAL_FILE}); a file that is there is left as it is`,
      section: SECTION,
      apply(draft, value) {
        draft.file = oneFile("--file", draft.file, value);
      },
    },
    helpOption(SECTION),
  ],
  statuses: "0 it is written, 2 there is such a file already",
};

/** Writes it. Returns the exit status. */
export async function runPolicyInit(words: readonly string[], console: CommandConsole): Promise<number> {
  const draft: Draft = { file: undefined, isHelp: false };
  const more = parseCommandOptions(USAGE, words, draft);
  if (draft.isHelp) {
    console.writeOut(commandHelp(USAGE, console.columns ?? 80));
    return DONE;
  }
  if (more.length > 0) throw commandUsageError(USAGE, "postern policy init takes no host: it is about this machine");
  const file = draft.file ?? USUAL_FILE;
  if (file !== STANDARD_OUTPUT && existsSync(file)) throw alreadyThere(file);
  const subject = await lookAtThisMachine([]);
  const doors = presentDoors(subject);
  const blind = subject.blindnesses.map(({ what, why }) => `Not seen: ${what}: ${why}`);
  const head = [
    `What of ${subject.name} was open on ${new Date().toISOString().slice(0, 10)}: take out what is not meant.`,
    ...blind,
  ];
  const text = draftedPolicy(groupsOf(subject.name, doors), head);
  readPolicy(text, file, localZone()); // what cannot be read again must not be written
  if (file === STANDARD_OUTPUT) console.writeOut(text);
  else {
    writeNew(file, text);
    console.writeOut(
      `${printable(`${file}: ${doors.length} open ports of ${subject.name}; read it, then: postern audit`)}\n`,
    );
  }
  return DONE;
}

function alreadyThere(file: string): UsageError {
  return new UsageError(`${printable(file)} is there already`, {
    hint: "name another one: --file FILE, or - for standard output",
  });
}

/** Never over a file that has come meanwhile, and never through a link. */
function writeNew(file: string, text: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(file, "wx", MODE);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") throw alreadyThere(file);
    throw error;
  }
  try {
    writeSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}

/** Addresses with the same doors are one group. */
function groupsOf(host: string, doors: readonly OpenDoor[]): readonly DraftedGroup[] {
  const byAddress = new Map<string, OpenDoor[]>();
  for (const door of doors) {
    const address = formatAddress(door.port.address);
    byAddress.set(address, [...(byAddress.get(address) ?? []), door]);
  }
  const groups = new Map<string, { readonly addresses: string[]; readonly open: readonly DraftedPorts[] }>();
  for (const [address, own] of byAddress) {
    const open = portsOf(own);
    const key = JSON.stringify(open);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { addresses: [address], open });
    else known.addresses.push(address);
  }
  return [...groups.values()].map((group, at) => ({ name: at === 0 ? host : `${host} ${at + 1}`, ...group }));
}

/** Ports that are alike in everything else stand together. */
function portsOf(doors: readonly OpenDoor[]): readonly DraftedPorts[] {
  const alike = new Map<string, { readonly ports: string[]; readonly facts: Omit<DraftedPorts, "ports"> }>();
  for (const { port, processes, remark, sources } of doors) {
    const facts = { from: sources, processes, remark };
    const key = JSON.stringify(facts);
    const text = `${port.protocol}/${port.port}`;
    const known = alike.get(key);
    if (known === undefined) alike.set(key, { ports: [text], facts });
    else known.ports.push(text);
  }
  return [...alike.values()].map(({ ports, facts }) => ({ ports, ...facts }));
}
