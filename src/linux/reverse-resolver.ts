// Addresses to names: the hosts file first (hosts(5)), then PTR records (RFC 1035 §3.5, RFC 3596 §2.5) asked of name servers
// side by side, or the system's own resolver (getnameinfo(3)). What comes back is hostile until it has been looked at.
import { open } from "node:fs/promises";
import { type Address, formatAddress, parseAddress, unmapped } from "../target/address.js";

/** How names are looked up. */
export interface ReverseResolverOptions {
  /** "servers" asks name servers by itself, many questions at once; "system" does what getnameinfo(3) does here. */
  readonly kind: "servers" | "system";
  /** As {@link parseNameServer} gives them; the machine's own (resolv.conf(5)) where there are none. */
  readonly servers?: readonly string[];
  /** Time for one try. */
  readonly timeoutMs?: number;
  readonly tries?: number;
  /** Questions under way. More of them wait their turn. */
  readonly mostAtOnce?: number;
  readonly hostsFile?: string;
}

/** Looks up the names of addresses. */
export interface ReverseResolver {
  /** The names of an address, most often one; empty when there is none or nobody says. Never rejects. */
  names(address: Address): Promise<readonly string[]>;
  /** Why no questions are asked any more: nobody answered so many. Undefined while all is well. */
  readonly whyStopped: string | undefined;
  /** Drops what is under way or waits: these addresses have no names. */
  close(): void;
}

/** Asks for one address; rejects with the resolver's code. */
interface Asker {
  ask(address: Address): Promise<readonly string[]>;
  cancel(): void;
}

const TIMEOUT_MS = 1000;
const TRIES = 2;
const SERVERS_AT_ONCE = 64;

/** libuv runs only half of its pool's four threads for slow calls (uv__slow_work_thread_threshold); more would just wait there. */
const SYSTEM_AT_ONCE = 2;

/** Silence to so many questions from the first one on means that nobody is there: a scan need not wait for each. */
const SILENT_AT_FIRST_MAX = 8;

/** After an answer: one silent zone is common, so many silent questions in a row are not. */
const SILENT_LATER_MAX = 64;

const NAMES_MAX = 8;
const NAME_MAX_CHARACTERS = 253;
const HOSTS_MAX_BYTES = 1 << 20;

/** Labels as hosts have them (RFC 1123 §2.1), and the underscores that people use all the same. */
const NAME = /^(?:[a-z0-9_](?:[\w-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[\w-]{0,61}[a-z0-9_])?$/i;

/** Codes of c-ares and getnameinfo that mean that no server has spoken. */
const SILENCE: ReadonlySet<string> = new Set(["ETIMEOUT", "ETIMEDOUT", "ECONNREFUSED", "EAI_AGAIN", "ENOSERVER"]);

/** Makes a resolver. Neither files nor servers are touched before the first question. */
export function createReverseResolver(options: ReverseResolverOptions): ReverseResolver {
  return new QueuedResolver(options);
}

/** Reads `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53` or `[2001:db8::53]:5353`; `undefined` when it is none of them. */
export function parseNameServer(text: string): string | undefined {
  const withPort = /^(\[.*\]|[^:]*):(\d{1,5})$/.exec(text);
  const address = parseAddress(withPort?.[1] ?? text);
  const port = Number(withPort?.[2] ?? 53);
  if (address === undefined || port < 1 || port > 65_535) return undefined;
  const host = formatAddress(address);
  return address.family === 4 ? `${host}:${port}` : `[${host}]:${port}`;
}

class QueuedResolver implements ReverseResolver {
  whyStopped: string | undefined;
  readonly #options: ReverseResolverOptions;
  readonly #tryLimitMs: number;
  readonly #mostAtOnce: number;
  #hosts: Promise<ReadonlyMap<string, readonly string[]>> | undefined;
  #asker: Promise<Asker> | undefined;
  /** Those who wait until one of the questions under way is settled. */
  readonly #queue: (() => void)[] = [];
  /** Ends what is under way without an answer. */
  readonly #dropped: Set<() => void> = new Set();
  #running = 0;
  #silentInRow = 0;
  #hasAnswered = false;
  #isClosed = false;

  constructor(options: ReverseResolverOptions) {
    const { kind, timeoutMs = TIMEOUT_MS, tries = TRIES } = options;
    this.#options = options;
    this.#tryLimitMs = timeoutMs * tries;
    this.#mostAtOnce = kind === "system" ? SYSTEM_AT_ONCE : (options.mostAtOnce ?? SERVERS_AT_ONCE);
  }

  async names(address: Address): Promise<readonly string[]> {
    const plain = withoutZone(unmapped(address));
    this.#hosts ??= readHosts(this.#options.hostsFile ?? "/etc/hosts");
    const known = (await this.#hosts).get(formatAddress(plain));
    if (known !== undefined) return known;
    await this.#enter();
    if (this.#isOver) return [];
    const names = await this.#ask(plain);
    this.#leave();
    return names;
  }

  close(): void {
    this.#isClosed = true;
    this.#drop();
  }

  get #isOver(): boolean {
    return this.#isClosed || this.whyStopped !== undefined;
  }

  async #enter(): Promise<void> {
    if (this.#isOver) return;
    if (this.#running < this.#mostAtOnce) this.#running += 1;
    else await new Promise<void>((enter) => this.#queue.push(enter));
  }

  /** Hands the place on to the next one who waits. */
  #leave(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }

  #drop(): void {
    this.#asker?.then(
      (asker) => asker.cancel(),
      () => {},
    );
    for (const end of [...this.#dropped, ...this.#queue.splice(0)]) end();
  }

  async #ask(address: Address): Promise<readonly string[]> {
    this.#asker ??= openAsker(this.#options);
    let end: () => void = () => {};
    const isGivenUp = new Promise<"ETIMEOUT" | "dropped">((resolve) => {
      // c-ares doubles the time for each round and goes through all servers in each of them: too long for a scan.
      const timer = setTimeout(resolve, this.#tryLimitMs, "ETIMEOUT");
      end = () => {
        clearTimeout(timer);
        resolve("dropped");
      };
      this.#dropped.add(end);
    });
    const found = await Promise.race([this.#asker.then((asker) => asker.ask(address)).catch(codeOf), isGivenUp]);
    this.#dropped.delete(end);
    end();
    this.#count(found);
    return typeof found === "string" ? [] : sane(found);
  }

  #count(found: readonly string[] | string): void {
    if (this.#isOver || found === "dropped") return;
    if (typeof found === "string" && SILENCE.has(found)) {
      this.#countSilence();
    } else {
      this.#hasAnswered = true;
      this.#silentInRow = 0;
    }
  }

  #countSilence(): void {
    this.#silentInRow += 1;
    if (this.#silentInRow < (this.#hasAnswered ? SILENT_LATER_MAX : SILENT_AT_FIRST_MAX)) return;
    const who = this.#options.kind === "system" ? "the system's resolver" : "the name servers";
    this.whyStopped = `${who} left ${this.#silentInRow} questions in a row without an answer; no more names are looked up`;
    this.#drop();
  }
}

async function openAsker({ kind, servers, timeoutMs, tries }: ReverseResolverOptions): Promise<Asker> {
  const { Resolver, lookupService } = await import("node:dns/promises"); // -n must not pay for it
  if (kind === "system") {
    // The service of port 0 is nobody's; getnameinfo wants to be asked for one.
    return { ask: async (address) => [(await lookupService(formatAddress(address), 0)).hostname], cancel: () => {} };
  }
  const resolver = new Resolver({ timeout: timeoutMs ?? TIMEOUT_MS, tries: tries ?? TRIES });
  if (servers !== undefined && servers.length > 0) resolver.setServers(servers);
  return { ask: (address) => resolver.resolvePtr(pointerName(address)), cancel: () => resolver.cancel() };
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

/** The name whose PTR records hold the names of an address. */
function pointerName(address: Address): string {
  if (address.family === 4) return `${formatAddress(address).split(".").reverse().join(".")}.in-addr.arpa`;
  return `${[...Buffer.from(address.bytes).toString("hex")].reverse().join(".")}.ip6.arpa`;
}

function withoutZone(address: Address): Address {
  return address.family === 4 ? address : { family: 6, bytes: address.bytes };
}

/** Only what can be the name of a host: an address in its place would be taken for the host's own. */
function sane(names: readonly string[]): readonly string[] {
  const good = names
    .map((name) => name.replace(/\.$/, ""))
    .filter((name) => name.length <= NAME_MAX_CHARACTERS && NAME.test(name) && parseAddress(name) === undefined);
  return [...new Set(good)].slice(0, NAMES_MAX);
}

/** The first name of each line, by address; empty when there is no such file. */
async function readHosts(path: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const hosts = new Map<string, readonly string[]>();
  for (const line of (await readStart(path)).split("\n")) {
    const [text = "", name = ""] = line.replace(/#.*/, "").trim().split(/\s+/);
    const address = parseAddress(text);
    if (address === undefined) continue;
    const key = formatAddress(withoutZone(unmapped(address)));
    const names = sane([...(hosts.get(key) ?? []), name]);
    if (names.length > 0) hosts.set(key, names);
  }
  return hosts;
}

async function readStart(path: string): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HOSTS_MAX_BYTES), 0, HOSTS_MAX_BYTES, 0);
      return buffer.toString("latin1", 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return ""; // no hosts file, or none that may be read: DNS is asked instead
  }
}
