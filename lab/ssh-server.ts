// An sshd in a namespace of the lab, with keys and settings of its own, and the settings of a client that it lets in.
import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { hasProgram } from "./availability.js";
import type { LabMachine } from "./machine.js";

const SSHD = "/usr/sbin/sshd";
const PROGRAM_FOLDERS = "/usr/sbin:/usr/bin:/sbin:/bin";

/** What is said of a server. */
export interface SshServerOptions {
  /** The address that clients know it by. */
  readonly address: string;
  /** Programs that its sessions find by these names. */
  readonly programs?: Readonly<Record<string, string>>;
}

/** A server that runs until its lab is disposed of. */
export interface SshServer extends Disposable {
  /**
   * For ssh -F: knows the host as "lab"; with other keys as "no-key-known", "another-key-known" and "key-not-taken"; and a port
   * where nobody listens as "nobody-there".
   */
  readonly configFile: string;
}

/** Starts one; sessions are root's. */
export async function startSshServer(machine: LabMachine, options: SshServerOptions): Promise<SshServer> {
  const { address, programs = {} } = options;
  const folder = mkdtempSync(path.join(tmpdir(), "postern-sshd-"));
  const file = (name: string): string => path.join(folder, name);
  for (const key of ["host", "user"]) {
    const made = await machine.run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file(key)]);
    if (made.status !== 0) throw new Error(`lab: ssh-keygen: ${made.stderr}`);
  }
  mkdirSync(file("bin"));
  for (const [name, target] of Object.entries(programs)) symlinkSync(target, file(`bin/${name}`));
  writeFileSync(file("known"), `${address} ${readFileSync(file("host.pub"), "utf8")}`);
  writeFileSync(file("known-other"), `${address} ${readFileSync(file("user.pub"), "utf8")}`);
  writeFileSync(file("sshd_config"), serverSettings(file));
  writeFileSync(file("ssh_config"), clientSettings(file, address));
  mkdirSync("/run/sshd", { recursive: true, mode: 0o755 }); // where it locks up the part of it that strangers talk to
  await listening(machine.spawn(SSHD, ["-D", "-e", "-f", file("sshd_config")]));
  return { configFile: file("ssh_config"), [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/** True where an sshd can be started: it changes users, so it needs the machine's own root. */
export function hasSshServer(): boolean {
  return process.geteuid?.() === 0 && hasProgram("sshd");
}

function serverSettings(file: (name: string) => string): string {
  return `HostKey ${file("host")}
AuthorizedKeysFile ${file("user.pub")}
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
MaxStartups 100
SetEnv PATH=${PROGRAM_FOLDERS}:${file("bin")}
`;
}

function clientSettings(file: (name: string) => string, address: string): string {
  return `Host nobody-there
  Port 1
Host no-key-known
  UserKnownHostsFile none
Host another-key-known
  UserKnownHostsFile ${file("known-other")}
Host key-not-taken
  IdentityFile ${file("host")}
Host lab
  IdentityFile ${file("user")}
Host *
  HostName ${address}
  User root
  IdentitiesOnly yes
  UserKnownHostsFile ${file("known")}
  GlobalKnownHostsFile none
`;
}

/** sshd says on its standard error where it listens. */
function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr?.on("data", (chunk) => {
      said += String(chunk);
      if (said.includes("Server listening")) resolve();
    });
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`lab: sshd has ended: ${said}`)));
  });
}
