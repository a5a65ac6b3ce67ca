// Drives programs that drive nmap, with real nmap and with postern under its name, and reads what they saw.
import { chmodSync, existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { labEnvironment } from "../lab/availability.js";
import type { LabMachine, RunOptions, RunResult } from "../lab/machine.js";
import { POSTERN } from "./postern.js";

/** The program that a client finds under the name nmap. */
export type Program = "nmap" | "postern";

/** A host as every client tells of it. */
export interface ClientHost {
  readonly state: string;
  /** By number and protocol: "22/tcp". */
  readonly ports: Readonly<Record<string, string>>;
  readonly services?: Readonly<Record<string, string | null>>;
}

/** What a client says, beside what is its own. */
export interface ClientView {
  readonly hosts: Readonly<Record<string, ClientHost>>;
  readonly [own: string]: unknown;
}

/** Clients by name: who runs the script, and what Debian puts where it must be for that. */
const CLIENTS = {
  "python-nmap.py": { runner: "/usr/bin/python3", needs: "/usr/lib/python3/dist-packages/nmap/__init__.py" },
  "python-libnmap.py": { runner: "/usr/bin/python3", needs: "/usr/lib/python3/dist-packages/libnmap/__init__.py" },
  "nmap-parser.pl": { runner: "/usr/bin/perl", needs: "/usr/share/perl5/Nmap/Parser.pm" },
  "xml-simple.pl": { runner: "/usr/bin/perl", needs: "/usr/share/perl5/XML/Simple.pm" },
} as const;

/** A script in test/clients/. */
export type ClientName = keyof typeof CLIENTS;

/** True when what the script uses is installed (scripts/prepare-lab.mjs does that). */
export function hasClient(name: ClientName): boolean {
  return existsSync(CLIENTS[name].runner) && existsSync(CLIENTS[name].needs);
}

/** A folder whose only program is postern under the name nmap; give it back when it is not needed any more. */
export class NmapLink {
  readonly folder: string = mkdtempSync(path.join(tmpdir(), "postern-as-nmap-"));

  constructor() {
    chmodSync(this.folder, 0o755); // others run it, too
    symlinkSync(POSTERN, this.nmap);
  }

  /** The link itself. */
  get nmap(): string {
    return path.join(this.folder, "nmap");
  }

  /** The environment in which `nmap` is that program. */
  environment(program: Program): NodeJS.ProcessEnv {
    const { PATH = "" } = labEnvironment();
    return program === "nmap" ? { PATH } : { PATH: `${this.folder}:${PATH}` };
  }

  /** Runs it as a program that drives nmap would, whatever comes of it. */
  run(machine: LabMachine, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return machine.run(this.nmap, args, { timeoutMs: 30_000, ...options });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** Runs a client to its end, and reads what it saw. Throws with its errors when it fails. */
export async function viewOf(
  machine: LabMachine,
  name: ClientName,
  args: readonly string[],
  options: RunOptions = {},
): Promise<ClientView> {
  const script = fileURLToPath(new URL(`clients/${name}`, import.meta.url));
  const { runner } = CLIENTS[name];
  const result = await machine.run(runner, [script, ...args], { timeoutMs: 60_000, ...options });
  if (result.status !== 0) throw new Error(`${name} ended with ${result.status}: ${result.stderr}${result.stdout}`);
  return JSON.parse(result.stdout) as ClientView;
}
