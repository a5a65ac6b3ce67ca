// Start and end of a scan in the system log (--syslog, --syslog-to): who scanned what, from where, and what came of it, so
// that whoever reads the log of that hour knows where the packets came from.
import { readFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import process from "node:process";
import { type LogAddress, type LogTarget, openLogTarget } from "../linux/log-target.js";
import type { DoneEvent } from "../model/scan-event.js";
import { collectorRecord, cutText, localRecord, logText, type RecordHead, SEVERITY } from "../report/log-record.js";

/** Of the targets so many characters are said. */
const TARGETS_CHARACTERS = 600;
const WORDS_CHARACTERS = 600;
/** /proc/self/loginuid of a process that nobody has logged in for: -1 (credentials(7), audit). */
const NO_LOGIN = 4_294_967_295;

/** What is said of a scan at its start. */
export interface ScanLogFacts {
  readonly targetTexts: readonly string[];
  readonly addressCount: number;
  /** The words of the command line behind the program's name. */
  readonly words: readonly string[];
  /** The environment of the process. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The records of one scan. */
export class ScanLog {
  readonly #address: LogAddress;
  readonly #target: LogTarget;
  readonly #now: () => string;
  readonly #startedAt: string;

  private constructor(address: LogAddress, target: LogTarget, now: () => string) {
    this.#address = address;
    this.#target = target;
    this.#now = now;
    this.#startedAt = now();
  }

  /**
   * Writes the record of the start.
   *
   * @throws PosternError when it cannot be written: a scan that shall be on record does not begin without
   */
  static async begin(address: LogAddress, facts: ScanLogFacts, now: () => string): Promise<ScanLog> {
    const target = await openLogTarget(address);
    const log = new ScanLog(address, target, now);
    await log.#write("scan-start", SEVERITY.notice, {
      ...who(facts.environment),
      targets: cutText(facts.targetTexts.join(" "), TARGETS_CHARACTERS),
      addresses: facts.addressCount,
      command: cutText(["postern", ...facts.words].join(" "), WORDS_CHARACTERS),
    });
    return log;
  }

  /** Writes the record of the end; `done` is undefined for a scan that an error ended. */
  async end(done: DoneEvent | undefined): Promise<void> {
    const isWhole = done !== undefined && !done.isAborted;
    const { counts } = done ?? {};
    try {
      await this.#write("scan-end", isWhole ? SEVERITY.notice : SEVERITY.warning, {
        status: done === undefined ? "failed" : done.isAborted ? "stopped" : "done",
        started: this.#startedAt,
        seconds: done === undefined ? undefined : (done.elapsedMs / 1000).toFixed(1),
        hosts: counts?.hosts,
        up: counts?.hostsUp,
        ports: counts?.ports,
        probes: counts?.sent,
      });
    } finally {
      this.#target.close();
    }
  }

  #write(word: string, severity: RecordHead["severity"], values: Parameters<typeof logText>[1]): Promise<void> {
    const head: RecordHead = { severity, at: this.#now(), hostname: hostname(), processId: process.pid, kind: word };
    const text = logText(word, values);
    return this.#target.send(this.#address.kind === "local" ? localRecord(head, text) : collectorRecord(head, text));
  }
}

/** Who runs this, who they were before sudo, and where they came in from, as far as the system says. */
function who(environment: ScanLogFacts["environment"]): Parameters<typeof logText>[1] {
  const { SUDO_USER: sudoUser, SSH_CONNECTION: connection } = environment;
  return {
    user: userName(),
    sudo: sudoUser,
    login: loginUserId(),
    from: connection?.split(" ")[0],
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? ""); // a user id without a name
  }
}

/** The user id that a session began with, which su and sudo do not change (pam_loginuid(8)). */
function loginUserId(): number | undefined {
  try {
    const id = Number(readFileSync("/proc/self/loginuid", "utf8"));
    return id === NO_LOGIN ? undefined : id;
  } catch {
    return undefined; // no /proc, or no audit in this kernel
  }
}
