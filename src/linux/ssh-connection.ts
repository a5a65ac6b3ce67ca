// Runs scripts on another host by the system's own ssh(1), with its configuration, agent and known hosts (ssh_config(5)).
// Nothing is asked for, forwarded or executed here, and a script goes there as the input of sh: no word of it is put
// together for a shell. Several scripts use one connection, by a master (ControlMaster) that ends with us.
import type { ChildProcess } from "node:child_process";
import { accessSync, constants, existsSync, mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { RemoteError } from "../model/errors.js";
import { quote } from "../target/fault.js";
import { endGroup, LINGER_MS, lastWords, type RunBounds, type RunEnd, startGroup, startLines } from "./line-process.js";
import { formatSshHost, type SshHost } from "./ssh-host.js";
import { type SshTrouble, troubleHint, troubleIn, troubleText } from "./ssh-trouble.js";

/** How ssh is run. */
export interface SshOptions {
  /** The program; undefined for the system's. */
  readonly program?: string | undefined;
  /** Its configuration instead of the user's and the system's (-F). */
  readonly configFile?: string | undefined;
  /** The file of the key to log in with (-i); undefined for what its configuration says. A beginning ~/ is the home folder. */
  readonly identityFile?: string | undefined;
  /** So long the host may take to answer, and again to let us in; default 10 s. */
  readonly connectTimeoutMs?: number | undefined;
  readonly signal: AbortSignal;
}

/** How a script has ended over there, or why that is not known. Text from outside in `errors`. */
export type SshEnd =
  | { readonly kind: "ended"; readonly status: number; readonly errors: string }
  | { readonly kind: "fault"; readonly trouble: SshTrouble; readonly errors: string };

/** A script that runs. */
export interface SshRun {
  /** See {@link startLines}. */
  readonly lines: AsyncIterable<string>;
  readonly end: Promise<SshEnd>;
}

const FOLDERS = ["/usr/bin", "/bin", "/usr/local/bin", "/run/current-system/sw/bin"];
const CONNECT_TIMEOUT_MS = 10_000;
const CHECK_MS = 3_000;
const POLL_MS = 20;
/** sun_path has 108 bytes, and ssh appends 17 of its own while it makes the socket. */
const SOCKET_PATH_BYTES_MAX = 90;
/** What ssh itself ends with when it fails. */
const SSH_FAILED = 255;

/** Holds whatever the configuration says. */
const ALWAYS: readonly string[] = [
  "BatchMode=yes",
  "ClearAllForwardings=yes",
  "ForwardAgent=no",
  "ForwardX11=no",
  "PermitLocalCommand=no",
  "RemoteCommand=none",
  "Tunnel=no",
  "ServerAliveInterval=5",
  "ServerAliveCountMax=3",
  "LogLevel=ERROR",
];

/** A host that scripts can be run on. Several may run at a time. */
export class SshConnection implements AsyncDisposable {
  /** As it is written: "anna@jump". */
  readonly name: string;
  readonly #program: string;
  readonly #words: readonly string[];
  readonly #host: SshHost;
  readonly #closing: AbortController = new AbortController();
  #control: readonly string[] = ["-o", "ControlMaster=no", "-o", "ControlPath=none"];
  #master: Master | undefined;

  private constructor(host: SshHost, program: string, options: SshOptions) {
    const { configFile, identityFile, connectTimeoutMs = CONNECT_TIMEOUT_MS } = options;
    const seconds = Math.max(1, Math.ceil(connectTimeoutMs / 1000));
    this.name = formatSshHost(host);
    this.#program = program;
    this.#host = host;
    this.#words = [
      ...(configFile === undefined ? [] : ["-F", configFile]),
      ...(identityFile === undefined ? [] : ["-i", atHome(identityFile)]),
      "-T",
      ...[...ALWAYS, `ConnectTimeout=${seconds}`].flatMap((option) => ["-o", option]),
      ...(host.user === undefined ? [] : ["-l", host.user]),
      ...(host.port === undefined ? [] : ["-p", String(host.port)]),
    ];
  }

  /**
   * Logs in.
   *
   * @throws RemoteError when that is not possible without a question
   */
  static async open(host: SshHost, options: SshOptions): Promise<SshConnection> {
    const program = options.program ?? findProgram();
    if (program === undefined) throw remoteError(formatSshHost(host), "no-ssh", "");
    const connection = new SshConnection(host, program, options);
    await connection.#share(options);
    return connection;
  }

  /**
   * Runs a script.
   *
   * @param interpreter What reads it from its input: words for the user's shell there, whatever that is, so never text from outside
   */
  run(script: string, bounds: RunBounds, interpreter: string = "sh"): SshRun {
    const words = [...this.#words, ...this.#control, "--", this.#host.host, interpreter];
    const signal = AbortSignal.any([bounds.signal, this.#closing.signal]);
    const { lines, end, errors } = startLines(this.#program, words, script, { ...bounds, signal });
    return { lines, end: end.then((value) => sshEnd(value, errors())) };
  }

  /** Runs a short script whose lines are few. */
  async read(script: string, bounds: RunBounds): Promise<{ readonly lines: readonly string[]; readonly end: SshEnd }> {
    const run = this.run(script, bounds);
    const lines: string[] = [];
    for await (const line of run.lines) lines.push(line);
    return { lines, end: await run.end };
  }

  /** Ends everything that runs there for us. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#master?.close();
  }

  /** A connection of the user's own is used where one stands: it may have been let in by hand. Else one of ours. */
  async #share(options: SshOptions): Promise<void> {
    const check = startLines(this.#program, [...this.#words, "-O", "check", "--", this.#host.host], "", {
      timeoutMs: CHECK_MS,
      idleMs: CHECK_MS,
      outputBytesMax: 65_536,
      signal: options.signal,
    });
    for await (const _ of check.lines);
    const end = await check.end;
    if (end.kind === "not-started") throw remoteError(this.name, "no-ssh", end.why);
    if (end.kind === "ended" && end.status === 0) {
      this.#control = [];
      return;
    }
    const folder = mkdtempSync(path.join(tmpdir(), "postern-ssh-"));
    const socket = path.join(folder, "control");
    const master = new Master(folder, this.#startMaster(socket));
    const { connectTimeoutMs = CONNECT_TIMEOUT_MS, signal } = options;
    const trouble = await master.stands(socket, connectTimeoutMs * 2, signal);
    if (trouble === undefined) {
      this.#master = master;
      this.#control = ["-o", "ControlMaster=no", "-o", `ControlPath=${socket}`];
      return;
    }
    await master.close();
    if (trouble !== "alone") throw remoteError(this.name, trouble, master.errors());
  }

  /** cat waits for its input to end, so the master ends with us whatever happens. */
  #startMaster(socket: string): ChildProcess | undefined {
    if (Buffer.byteLength(socket) > SOCKET_PATH_BYTES_MAX) return undefined;
    const control = ["ControlMaster=yes", "ControlPersist=no", `ControlPath=${socket}`].flatMap((word) => ["-o", word]);
    const words = [...this.#words, ...control, "--", this.#host.host, "cat"];
    return startGroup(this.#program, words, ["pipe", "ignore", "pipe"]);
  }
}

/** The ssh that holds the connection, and the private folder of its socket. */
class Master {
  readonly errors: () => string;
  readonly #folder: string;
  readonly #child: ChildProcess | undefined;
  readonly #ended: Promise<number>;
  #status: number | undefined;

  constructor(folder: string, child: ChildProcess | undefined) {
    this.#folder = folder;
    this.#child = child;
    this.errors = lastWords(child?.stderr ?? null, () => this.#kill());
    this.#ended = new Promise((resolve) => {
      if (child === undefined) resolve(0);
      child?.once("error", () => resolve(0));
      child?.once("exit", () => setTimeout(() => this.#kill(), LINGER_MS).unref());
      child?.once("close", (status) => resolve(status ?? 0));
      child?.stdin?.on("error", () => {}); // it has ended: its status tells
    });
    void this.#ended.then((status) => {
      this.#status = status;
    });
  }

  /** Waits until it stands: then undefined. "alone" where there can be none, although the host can perhaps be reached. */
  async stands(socket: string, patienceMs: number, signal: AbortSignal): Promise<SshTrouble | "alone" | undefined> {
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += POLL_MS) {
      if (signal.aborted) return "stopped";
      if (existsSync(socket)) return undefined;
      if (this.#status !== undefined) return this.#status === SSH_FAILED ? troubleIn(this.errors()) : "alone";
      await sleep(POLL_MS);
    }
    return "hangs";
  }

  async close(): Promise<void> {
    this.#kill();
    await this.#ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #kill(): void {
    if (this.#child !== undefined) endGroup(this.#child);
  }
}

/** The error of a host that cannot be used; what ssh said stands in it, since it may know more. */
export function remoteError(name: string, trouble: SshTrouble, errors: string): RemoteError {
  const said = lastLine(errors);
  const words = trouble === "other" && said !== "" ? `: ${quote(said)}` : "";
  const hint = troubleHint(trouble);
  const options = hint === undefined ? {} : { hint };
  return new RemoteError(`${name} cannot be used by ssh: ${troubleText(trouble)}${words}`, trouble, options);
}

const SAID_CHARACTERS_MAX = 200;

/** The last line that says something. Text from outside. */
export function lastLine(errors: string): string {
  const line = errors.split("\n").findLast((one) => one.trim() !== "");
  return (line?.trim() ?? "").slice(0, SAID_CHARACTERS_MAX);
}

function findProgram(): string | undefined {
  return FOLDERS.map((folder) => path.join(folder, "ssh")).find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false; // whatever the cause: it cannot be started from there
    }
  });
}

function sshEnd(end: RunEnd, errors: string): SshEnd {
  if (end.kind === "not-started") return { kind: "fault", trouble: "no-ssh", errors: end.why };
  if (end.kind === "stopped") return { kind: "fault", trouble: end.stop, errors };
  if (end.status === SSH_FAILED) return { kind: "fault", trouble: troubleIn(errors), errors };
  return { kind: "ended", status: end.status, errors };
}

/** ssh itself knows the sign for home in its configuration alone. */
function atHome(file: string): string {
  return file.startsWith("~/") ? path.join(homedir(), file.slice(2)) : file;
}
