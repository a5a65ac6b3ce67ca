// Takes apart what the script of inside-script.ts tells, and lays it out as a tree of files that src/inside reads. The other host
// is not trusted: files and links are made only at places of a fixed grammar below a private folder, and no link is followed.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { codeOf } from "../inside/bounded-file.js";
import { errnoName, errnoOfCode } from "../linux/errno.js";
import type { RulesetText } from "../linux/ruleset-text.js";
import { SystemCallError } from "../model/errors.js";
import { LONG_TABLES, TABLES } from "./inside-script.js";

/** More than the processes and sockets of any host have. */
const FILES_MAX = 1_000_000;
const LINKS_MAX = 4_000_000;
const LINK_BYTES_MAX = 4095;
const RULES = ["nft", "nft-json", "iptables", "ip6tables", "ipset", "iptables-legacy", "ip6tables-legacy"] as const;
const WHY_CHARACTERS_MAX = 300;

/** A listing of rules by the script's name of it. */
export type RuleName = (typeof RULES)[number];

/** Places of files: nothing else is made. */
const TABLE_NAMES = new Set([...TABLES, ...LONG_TABLES, "fib_trie"]);
const PROCESS_FILE = /^[1-9]\d{0,9}\/(?:stat|status|cgroup|cmdline)$/;
const TABLE_FILE = /^(?:[1-9]\d{0,9}\/)?net\/([a-z0-9_/]{3,12})$/;
const SETTING_FILE = /^sys\/(?:kernel|net)(?:\/[A-Za-z0-9_@+-][A-Za-z0-9_.@+-]{0,63}){1,6}$/;
const OWN_FILES = new Set(["stat", "self/status", "self/mountinfo"]);
const DESCRIPTOR_LINK = /^[1-9]\d{0,9}\/fd\/\d{1,10}$/;
const EXE_LINK = /^[1-9]\d{0,9}\/exe$/;
const NAMESPACE_LINK = /^(?:[1-9]\d{0,9}|self)\/ns\/(net|pid)$/;

/** What is told beside the tree. */
export interface InsideFacts {
  /** False where the script did not come to its end. */
  isBegun: boolean;
  isEnded: boolean;
  isLinux: boolean;
  hasMoreNamespaces: boolean;
  /** Processes whose descriptors may not be seen. */
  readonly denied: Set<number>;
  /** Lines that are none of the script's. */
  strayCount: number;
  /** Its clock in ms since 1970, and ours when that came. */
  clock: { readonly theirsMs: number; readonly oursMs: number } | undefined;
  /** "Linux 6.1.0 x86_64". Text from outside, as all that follows. */
  kernel: string;
  release: string;
  readonly userNames: Map<number, string>;
  /** Lines of ip -o addr. */
  readonly addressLines: string[];
  /** Interfaces' numbers by their names. */
  readonly indexes: Map<string, number>;
}

/** Hears the script's lines, characters of which are bytes. */
export class InsideUnpacker {
  readonly facts: InsideFacts = {
    isBegun: false,
    isEnded: false,
    isLinux: true,
    hasMoreNamespaces: false,
    denied: new Set(),
    strayCount: 0,
    clock: undefined,
    kernel: "",
    release: "",
    userNames: new Map(),
    addressLines: [],
    indexes: new Map(),
  };
  readonly #tag: string;
  readonly #nowMs: () => number;
  readonly #files = new Map<string, string[]>();
  readonly #links = new Map<string, string>();
  readonly #rules = new Map<RuleName, string[]>();
  /** The process whose descriptors are listed, where ls lists them. */
  #process: string | undefined;

  /** @param nowMs The time of day in ms since 1970 */
  constructor(tag: string, nowMs: () => number) {
    this.#tag = `${tag} `;
    this.#nowMs = nowMs;
  }

  /** Takes one line. */
  take(line: string): void {
    if (line.startsWith(this.#tag)) this.#takeWord(line.slice(this.#tag.length));
    else if (!this.facts.isBegun || this.facts.isEnded)
      return; // what login shells say
    else if (this.#process !== undefined) this.#takeListing(line, this.#process);
    else if (!this.#takeContent(line)) this.facts.strayCount++;
  }

  /** What a program said of the rules. */
  ruleset(name: RuleName): RulesetText {
    const lines = this.#rules.get(name);
    const status = /^status (\d{1,3})$/.exec(lines?.at(-1) ?? "")?.[1];
    if (lines === undefined) return this.facts.isEnded ? { kind: "absent" } : { kind: "fault", why: "it was not told" };
    if (status === undefined) return { kind: "fault", why: "it was cut off" };
    const text = utf8(lines.slice(0, -2).join("\n"));
    if (status === "0") return { kind: "text", text: text === "" ? "" : `${text}\n` };
    const said = lines.slice(0, -1).findLast((one) => one.trim() !== "" && !one.startsWith("#"));
    return { kind: "fault", why: utf8(said ?? `ended with status ${status}`).slice(0, WHY_CHARACTERS_MAX) };
  }

  /**
   * Lays out the tree. Who takes it removes it.
   *
   * @throws SystemCallError when there is no room for it
   */
  layOut(): UnpackedTree {
    const root = makeFolder();
    const remove = (): void => rmSync(root, { recursive: true, force: true });
    try {
      this.facts.strayCount += this.#fill(root);
    } catch (error) {
      remove();
      const errno = errnoOfCode(codeOf(error));
      // biome-ignore lint/style/useErrorCause: it is passed, in the fourth argument
      throw new SystemCallError("write", errno, errnoName(errno), { object: root, cause: error });
    }
    return { root, [Symbol.dispose]: remove };
  }

  /** Returns how many places did not fit together. */
  #fill(root: string): number {
    const folders = new Set<string>();
    let faultCount = 0;
    const make = (name: string, write: (file: string) => void): void => {
      const file = path.join(root, name);
      const folder = path.dirname(file);
      try {
        if (!folders.has(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
        folders.add(folder);
        write(file);
      } catch (error) {
        if (!isPlaceTaken(error)) throw error;
        faultCount++; // a file where a folder is, or the other way: no kernel's
      }
    };
    const holders = this.#holders();
    for (const [name, lines] of this.#files) {
      if (PROCESS_FILE.test(name) && !holders.has(name.slice(0, name.indexOf("/")))) continue;
      const text = name.endsWith("/cmdline") ? lines.join("") : `${lines.join("\n")}\n`;
      make(name, (file) => writeFileSync(file, text, { encoding: "latin1", flag: "wx", mode: 0o600 }));
    }
    for (const [name, target] of this.#links) {
      make(name, (file) => symlinkSync(Buffer.from(target, "latin1"), file));
    }
    return faultCount;
  }

  /** The processes that have sockets: of others nobody asks more than their namespace. */
  #holders(): ReadonlySet<string> {
    const holders = new Set<string>();
    for (const name of this.#links.keys()) {
      if (DESCRIPTOR_LINK.test(name)) holders.add(name.slice(0, name.indexOf("/")));
    }
    return holders;
  }

  #takeWord(word: string): void {
    const process = /^process \/proc\/([1-9]\d{0,9})$/.exec(word)?.[1];
    this.#process = process;
    if (word === "begin") this.facts.isBegun = true;
    else if (word === "end") this.facts.isEnded = true;
    else if (word === "no-proc") this.facts.isLinux = false;
    else if (word === "more-namespaces") this.facts.hasMoreNamespaces = true;
    else if (process === undefined && word !== "processes-end") this.facts.strayCount++;
  }

  /** A line of ls -ln: a link's name and target stand at its end. What a file is called cannot be another process's. */
  #takeListing(line: string, pid: string): void {
    if (line.endsWith("ermission denied")) this.facts.denied.add(Number(pid));
    const [, descriptor, inode] = /^l[r-].* (\d{1,10}) -> (socket:\[\d{1,15}\])$/.exec(line) ?? [];
    if (descriptor !== undefined && inode !== undefined) this.#addLink(`${pid}/fd/${descriptor}`, inode);
    const [, target] = new RegExp(`^l[r-].* /proc/${pid}/exe -> (.+)$`).exec(line) ?? [];
    if (target !== undefined && !this.#links.has(`${pid}/exe`)) this.#addLink(`${pid}/exe`, target);
  }

  /** True for a line that the script may write. */
  #takeContent(line: string): boolean {
    if (line.startsWith("/proc/")) return this.#takeFileLine(line);
    if (line === "--") return true; // grep -B puts it between its finds
    const at = line.indexOf(":");
    const text = line.slice(at + 1);
    switch (line.slice(0, at)) {
      case "L":
        return this.#takeLink(text);
      case "R":
        return this.#takeRule(text);
      case "H":
        return this.#takeCommand(text);
      default:
        return takeFact(this.facts, line.slice(0, at), text, this.#nowMs);
    }
  }

  /** "/proc/NAME:CONTENT"; "/proc/net/fib_trie-CONTENT" for lines before a find. */
  #takeFileLine(line: string): boolean {
    const match = /^\/proc\/((?:[1-9]\d{0,9}\/)?net\/fib_trie)[:-]/.exec(line) ?? /^\/proc\/([^:]{1,400}):/.exec(line);
    const name = match?.[1];
    if (name === undefined || !isPlace(name)) return false;
    const known = this.#files.get(name);
    const content = line.slice(match?.[0].length ?? 0);
    if (known !== undefined) known.push(content);
    else if (this.#files.size < FILES_MAX) this.#files.set(name, [content]);
    return true;
  }

  #takeLink(text: string): boolean {
    const [, name = "", target = ""] = /^\/proc\/(\S{1,40}) (.+)$/s.exec(text) ?? [];
    const kind = NAMESPACE_LINK.exec(name)?.[1];
    const isWanted =
      (kind !== undefined && new RegExp(`^${kind}:\\[\\d{1,15}\\]$`).test(target)) ||
      (DESCRIPTOR_LINK.test(name) && /^socket:\[\d{1,15}\]$/.test(target)) ||
      EXE_LINK.test(name);
    if (isWanted) this.#addLink(name, target);
    return isWanted;
  }

  #addLink(name: string, target: string): void {
    const isPossible = target.length <= LINK_BYTES_MAX && !target.includes("\0");
    if (isPossible && this.#links.size < LINKS_MAX) this.#links.set(name, target);
  }

  #takeRule(text: string): boolean {
    const at = text.indexOf(":");
    const name = RULES.find((one) => one === text.slice(0, at));
    if (name === undefined) return false;
    const known = this.#rules.get(name);
    if (known === undefined) this.#rules.set(name, [text.slice(at + 1)]);
    else known.push(text.slice(at + 1));
    return true;
  }

  /** A command line in hexadecimal: it holds NULs, and line feeds if it likes. */
  #takeCommand(text: string): boolean {
    const [, name = "", hex = ""] = /^\/proc\/([1-9]\d{0,9}\/cmdline) ((?:[0-9a-f]{2}){0,262144})$/.exec(text) ?? [];
    if (!isPlace(name)) return false;
    this.#files.set(name, [Buffer.from(hex, "hex").toString("latin1")]);
    return true;
  }
}

/** A tree below a private folder, which is removed at the end. */
export interface UnpackedTree extends Disposable {
  readonly root: string;
}

/** In memory where there is such a place: ten thousand small files take seconds on a disk, and have no business there. */
function makeFolder(): string {
  try {
    return mkdtempSync("/dev/shm/postern-inside-");
  } catch {
    return mkdtempSync(path.join(tmpdir(), "postern-inside-")); // it is not there, or full
  }
}

function isPlace(name: string): boolean {
  const table = TABLE_FILE.exec(name)?.[1];
  return (
    (table !== undefined && TABLE_NAMES.has(table)) ||
    PROCESS_FILE.test(name) ||
    SETTING_FILE.test(name) ||
    OWN_FILES.has(name)
  );
}

const TAKEN: ReadonlySet<string> = new Set(["EEXIST", "ENOTDIR", "EISDIR", "ENAMETOOLONG"]);

function isPlaceTaken(error: unknown): boolean {
  return TAKEN.has(codeOf(error));
}

function takeFact(facts: InsideFacts, kind: string, text: string, nowMs: () => number): boolean {
  switch (kind) {
    case "D": {
      // busybox does not know parts of seconds: "1700000000.%N".
      const [, seconds, nanoseconds = "0"] = /^(\d{1,11})(?:\.(\d{9}))?/.exec(text) ?? [];
      if (seconds === undefined) return false;
      facts.clock ??= { theirsMs: Number(seconds) * 1000 + Number(nanoseconds) / 1e6, oursMs: nowMs() };
      return true;
    }
    case "S":
      facts.kernel = utf8(text).slice(0, 100);
      return true;
    case "O":
      facts.release = utf8(text)
        .replace(/^"(.*)"$/, "$1")
        .slice(0, 100);
      return true;
    case "U":
      return takeUser(facts.userNames, text);
    case "A":
      return facts.addressLines.push(text) > 0;
    case "N":
      return /^\d{1,10}$/.test(text) && facts.denied.add(Number(text)).size > 0;
    default:
      return takeIndex(facts.indexes, kind, text);
  }
}

/** The first name of a number counts, as for getpwuid(3). */
function takeUser(names: Map<number, string>, text: string): boolean {
  const [, name = "", uid] = /^([^:]{1,256}):(\d{1,10})$/.exec(text) ?? [];
  if (uid === undefined) return false;
  if (!names.has(Number(uid))) names.set(Number(uid), utf8(name));
  return true;
}

function takeIndex(indexes: Map<string, number>, file: string, text: string): boolean {
  const name = /^\/sys\/class\/net\/([^/\s]{1,15})\/ifindex$/.exec(file)?.[1];
  if (name === undefined || !/^\d{1,10}$/.test(text)) return false;
  indexes.set(name, Number(text));
  return true;
}

/** Bytes that stand as characters, as the text that they are. */
function utf8(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}
