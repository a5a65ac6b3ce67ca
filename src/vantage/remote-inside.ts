// The inside of another host by ssh: one script over there tells what stands in its /proc and its rules, and src/inside reads
// that as it reads a copy of /proc. Nothing is installed, and nothing is written over there.
import type { HostEnvironment } from "../firewall/packet-question.js";
import type { Gap } from "../inside/gap.js";
import type { InsideView } from "../inside/inside-view.js";
import { readInsideTree } from "../inside/open-inside.js";
import { type KernelView, readKernelSettings } from "../inside/read-kernel-settings.js";
import { sightLimits } from "../inside/sight-limits.js";
import type { SocketWish } from "../inside/socket-wish.js";
import { monotonicClock } from "../linux/clock.js";
import { ProcFiles } from "../linux/proc-files.js";
import type { FullRulesetTexts } from "../linux/ruleset-text.js";
import { lastLine, remoteError, SshConnection, type SshEnd, type SshOptions } from "../linux/ssh-connection.js";
import type { SshHost } from "../linux/ssh-host.js";
import { troubleText } from "../linux/ssh-trouble.js";
import { SystemCallError } from "../model/errors.js";
import { publishPorts } from "../published/publish-ports.js";
import { quote } from "../target/fault.js";
import { insideScript } from "./inside-script.js";
import { type InsideFacts, InsideUnpacker } from "./inside-unpacker.js";
import { remoteEnvironment } from "./remote-environment.js";
import { newTag } from "./script-tag.js";

/** What is wanted of the inside. */
export interface RemoteInsideOptions extends SshOptions {
  readonly wish: SocketWish;
  /** True: by sudo, if that asks for no password. */
  readonly sudo: boolean;
  /** The time of day in ms since 1970; undefined for the real clock. */
  readonly nowMs?: (() => number) | undefined;
}

/** What was read. Parts that are missing are empty, and named in `gaps`. */
export interface RemoteInside {
  readonly view: InsideView;
  /** Undefined where there are no settings of a Linux kernel. */
  readonly kernel: KernelView | undefined;
  readonly rulesets: FullRulesetTexts;
  readonly environment: HostEnvironment;
  readonly userNames: ReadonlyMap<number, string>;
  /** How far its clock is ahead of ours, as exactly as the way there lets it be known; undefined where it has told no time. */
  readonly clockDifferenceMs: number | undefined;
  /** "Linux 6.1.0 x86_64, Debian GNU/Linux 12". Text from outside. */
  readonly system: string;
  /** All that is missing, the view's own gaps among it. */
  readonly gaps: readonly Gap[];
}

const TIMEOUT_MS = 120_000;
const IDLE_MS = 30_000;
/** A million sockets have 150 MB of tables. */
const OUTPUT_BYTES_MAX = 512 << 20;

/**
 * Logs in and reads everything once.
 *
 * @throws RemoteError when the host cannot be used without a question
 */
export async function readRemoteInside(host: SshHost, options: RemoteInsideOptions): Promise<RemoteInside> {
  await using connection = await SshConnection.open(host, options);
  const unpacked = await tell(connection, options);
  const { unpacker } = unpacked;
  if (!unpacker.facts.isBegun && unpacked.end.kind === "fault") {
    throw remoteError(connection.name, unpacked.end.trouble, unpacked.end.errors);
  }
  const gaps = [...unpacked.gaps, ...tellingGaps(connection.name, unpacker.facts, unpacked.end)];
  using tree = unpacker.layOut();
  return await readTree(tree.root, unpacker, options.wish, gaps);
}

interface Told {
  readonly unpacker: InsideUnpacker;
  readonly end: SshEnd;
  readonly gaps: readonly Gap[];
}

async function tell(connection: SshConnection, options: RemoteInsideOptions): Promise<Told> {
  if (!options.sudo) return { ...(await tellBy("sh", connection, options)), gaps: [] };
  const bySudo = await tellBy("sudo -n sh", connection, options);
  if (bySudo.unpacker.facts.isBegun || bySudo.end.kind === "fault") return { ...bySudo, gaps: [] };
  const said = lastLine(bySudo.end.errors);
  const why = `sudo did not start sh${said === "" ? "" : `: ${quote(said)}`}`;
  const gap: Gap = { code: "denied", what: `what only root may see of ${connection.name}`, why };
  return { ...(await tellBy("sh", connection, options)), gaps: [gap] };
}

async function tellBy(
  interpreter: string,
  connection: SshConnection,
  { signal, nowMs = timeOfDayMs }: RemoteInsideOptions,
): Promise<Omit<Told, "gaps">> {
  const tag = newTag();
  const unpacker = new InsideUnpacker(tag, nowMs);
  const bounds = { timeoutMs: TIMEOUT_MS, idleMs: IDLE_MS, outputBytesMax: OUTPUT_BYTES_MAX, signal };
  const run = connection.run(insideScript(tag), bounds, interpreter);
  for await (const line of run.lines) unpacker.take(line);
  return { unpacker, end: await run.end };
}

function timeOfDayMs(): number {
  return Date.parse(monotonicClock.isoNow());
}

function tellingGaps(name: string, facts: InsideFacts, end: SshEnd): readonly Gap[] {
  const { isBegun, isEnded, isLinux, kernel, hasMoreNamespaces, strayCount } = facts;
  if (!isBegun) return [{ code: "malformed", what: `the inside of ${name}`, why: "its shell runs no script" }];
  const gaps: Gap[] = [];
  if (!isLinux) {
    const system = kernel === "" ? "it is no Linux" : `it is ${quote(kernel)}, without a /proc of Linux`;
    gaps.push({ code: "absent", what: `the inside of ${name}`, why: system });
  }
  if (isOtherByteOrder(kernel)) {
    gaps.push({
      code: "malformed",
      what: `the inside of ${name}`,
      why: "its kernel writes addresses the other way round",
    });
  }
  if (!isEnded) {
    const why = end.kind === "fault" ? troubleText(end.trouble) : "its script ended too early";
    gaps.push({ code: "changed", what: `a part of the inside of ${name}`, why });
  }
  if (hasMoreNamespaces) {
    gaps.push({ code: "malformed", what: "some network namespaces", why: "there are more than are read over ssh" });
  }
  if (strayCount > 0) {
    const what = strayCount === 1 ? "1 line" : `${strayCount} lines`;
    gaps.push({ code: "malformed", what: `${what} of what ${name} told`, why: "not in the form of the script" });
  }
  return gaps;
}

/** Tables of sockets hold addresses as words in the machine's order: those of machines that Node runs on are little endian. */
function isOtherByteOrder(kernel: string): boolean {
  return / (?:s390x?|ppc|ppc64|mips|mips64|sparc|sparc64|m68k|armeb|aarch64_be)$/.test(kernel);
}

async function readTree(
  root: string,
  unpacker: InsideUnpacker,
  wish: SocketWish,
  gaps: readonly Gap[],
): Promise<RemoteInside> {
  const { facts } = unpacker;
  const rulesets: FullRulesetTexts = {
    nft: unpacker.ruleset("nft"),
    iptables: unpacker.ruleset("iptables"),
    ip6tables: unpacker.ruleset("ip6tables"),
    iptablesLegacy: unpacker.ruleset("iptables-legacy"),
    ip6tablesLegacy: unpacker.ruleset("ip6tables-legacy"),
    ipset: unpacker.ruleset("ipset"),
  };
  const isReadable = facts.isBegun && facts.isLinux && !isOtherByteOrder(facts.kernel);
  const view = isReadable ? await readView(root, unpacker, rulesets, wish) : NOTHING;
  const files = new ProcFiles(root);
  const { addressLines, indexes, clock } = facts;
  const network = view.namespaces.find(({ isOwn }) => isOwn)?.network;
  return {
    view,
    kernel: kernelOf(root),
    rulesets,
    environment: remoteEnvironment({ files, addressLines, indexes, network }),
    userNames: facts.userNames,
    clockDifferenceMs: clock === undefined ? undefined : clock.theirsMs - clock.oursMs,
    system: [facts.kernel, facts.release].filter((part) => part !== "").join(", "),
    gaps: [...gaps, ...view.gaps],
  };
}

const NOTHING: InsideView = {
  sockets: [],
  namespaces: [],
  containers: new Map(),
  containerOfNamespace: new Map(),
  published: [],
  publishedTo: new Map(),
  gaps: [],
};

async function readView(
  root: string,
  unpacker: InsideUnpacker,
  rulesets: FullRulesetTexts,
  wish: SocketWish,
): Promise<InsideView> {
  const { denied, isEnded } = unpacker.facts;
  const others = denied.size === 1 ? "1 process" : `${denied.size} processes`;
  const files = new ProcFiles(root);
  const limits = sightLimits(files);
  const reasons = [
    ...(limits === undefined ? [] : [limits]),
    ...(denied.size > 0 ? [`the descriptors of ${others} may not be seen there: that needs root`] : []),
    ...(isEnded ? [] : ["not everything was told"]),
  ];
  const blindness = reasons.length === 0 ? undefined : reasons.join("; and ");
  const view = await readInsideTree(root, { wish, onlyOwnNamespace: false }, { blindness });
  const nft = Promise.resolve(unpacker.ruleset("nft-json"));
  return publishPorts(view, files, { nft, saved: Promise.resolve(rulesets) });
}

function kernelOf(root: string): KernelView | undefined {
  try {
    return readKernelSettings(root);
  } catch (error) {
    if (error instanceof SystemCallError) return undefined; // it has told none
    throw error;
  }
}
