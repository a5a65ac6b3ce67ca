// Where rules stand, as the kernel's own traces name them: nftables by handles, iptables-legacy by numbers. It is read from the
// raw listings, without the readers that are under test.
import type { Decider } from "../../src/firewall/packet-question.js";
import type { RulesetListing } from "./kernel-answer.js";
import type { TraceEvent } from "./trace-reader.js";

/** What a base chain is. */
interface Base {
  readonly isNat: boolean;
  readonly hook: string;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** Rules and base chains of one listing. */
export class ListingPlaces {
  readonly #indexes = new Map<string, number>();
  readonly #bases = new Map<string, Base>();
  /** The -A lines of chains of iptables, and the policies of those that are built in. */
  readonly #lines = new Map<string, string[]>();
  readonly #policies = new Map<string, string>();

  /** True when iptables-legacy has made the rules: then its traces tell the way, which come without those of nftables. */
  readonly isLegacy: boolean;

  constructor({ json, saves }: Pick<RulesetListing, "json" | "saves">) {
    this.isLegacy = saves.some(({ program }) => program.includes("legacy"));
    this.#readJson(json);
    for (const { program, text } of saves) this.#readSave(program.startsWith("ip6") ? "ip6" : "ip", text);
  }

  /** The rule or policy of an event of nftables. */
  decider({ family, table, chain, handle, verdict }: TraceEvent): Decider {
    const index = handle === undefined ? "policy" : (this.#indexes.get(`${family} ${table} ${handle}`) ?? -1);
    return { family, table, chain, index, verdict };
  }

  /**
   * The same of iptables-legacy: "TRACE: filter:INPUT:rule:3". It tells no verdict: "drop" where the rule's text says so, or
   * else "". Undefined for the end of a chain that was jumped to.
   */
  legacyDecider(family: "ip" | "ip6", text: string): Decider | undefined {
    const found = /^TRACE: ([^:]+):([^:]+):(rule|policy|return):(\d+)/.exec(text);
    const [, table = "", chain = "", kind, number] = found ?? [];
    const index = Number(number) - 1;
    const place = { family, table, chain };
    const line = this.#lines.get(keyOf(family, table, chain))?.[index];
    if (line !== undefined) return { ...place, index, verdict: / -j (DROP|REJECT)\b/.test(line) ? "drop" : "" };
    if (kind === "return") return undefined;
    const isDrop = this.#policies.get(keyOf(family, table, chain)) === "DROP";
    return { ...place, index: "policy", verdict: isDrop ? "drop" : "" };
  }

  /** The base chain of that name; undefined for one that is jumped to. */
  base({ family, table, chain }: Decider): Base | undefined {
    return this.#bases.get(keyOf(family, table, chain));
  }

  #readJson(json: string): void {
    const counts = new Map<string, number>();
    const { nftables } = JSON.parse(json) as { readonly nftables: readonly Readonly<Record<string, JsonObject>>[] };
    for (const { chain, rule } of nftables) {
      if (chain?.hook !== undefined) {
        this.#bases.set(keyOf(chain.family, chain.table, chain.name), {
          isNat: chain.type === "nat",
          hook: String(chain.hook),
        });
      }
      if (rule === undefined) continue;
      const key = keyOf(rule.family, rule.table, rule.chain);
      const index = counts.get(key) ?? 0;
      counts.set(key, index + 1);
      this.#indexes.set(keyOf(rule.family, rule.table, rule.handle), index);
    }
  }

  #readSave(family: "ip" | "ip6", text: string): void {
    let table = "";
    for (const line of text.split("\n")) {
      const [first = "", policy = ""] = line.split(" ");
      if (first.startsWith("*")) table = first.slice(1);
      else if (first.startsWith(":"))
        this.#readChain(keyOf(family, table, first.slice(1)), table, first.slice(1), policy);
      else if (first === "-A") this.#lines.get(keyOf(family, table, policy))?.push(line);
    }
  }

  #readChain(key: string, table: string, chain: string, policy: string): void {
    this.#lines.set(key, []);
    if (policy === "-") return;
    this.#policies.set(key, policy);
    this.#bases.set(key, { isNat: table === "nat", hook: chain.toLowerCase() });
  }
}

function keyOf(...parts: readonly unknown[]): string {
  return parts.join(" ");
}
