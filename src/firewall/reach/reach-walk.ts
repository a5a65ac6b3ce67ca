// The way of all packets at once through the hooks, as packet-walk.ts has it for one.
import type { Hook, Rule } from "../ruleset.js";
import type { Verdict } from "../statement.js";
import type { CompiledTable } from "../walk/chain-walk.js";
import type { HookChain, HookStations } from "../walk/hook-stations.js";
import { isFirst, track } from "../walk/packet-walk.js";
import type { WalkState } from "../walk/walk-state.js";
import type { Doubts } from "./doubts.js";
import { copyState, type Flow, mergeFlows, withRegion } from "./flow.js";
import { IntervalSet } from "./interval-set.js";
import { flowThroughRule, type RuleOutcome } from "./reach-rule.js";
import { Region } from "./region.js";
import { routePieces } from "./source-pieces.js";

/** NFT_JUMP_STACK_SIZE (include/net/netfilter/nf_tables.h). */
const JUMPS_MAX = 16;
/**
 * Rules that are looked at for one question. Chains that jump to each other many times over, 16 deep, are nothing that a kernel
 * would ever get through.
 */
const RULES_MAX = 20_000_000;

/** Walks flows through hooks; what ends on the way is kept where it matters. */
export class ReachWalk {
  readonly #stations: HookStations;
  readonly #doubts: Doubts;
  #ruleCount = 0;
  /** Of packets in doubt, those that are dropped if it comes to that. */
  readonly dropped: Region[] = [];
  /** Those whose end nobody knows. */
  readonly lost: Region[] = [];

  constructor(stations: HookStations, doubts: Doubts) {
    this.#stations = stations;
    this.#doubts = doubts;
  }

  /** Those that pass a hook. */
  pass(hook: Hook, flows: readonly Flow[]): readonly Flow[] {
    const family = flows[0]?.state.family;
    if (family === undefined) return [];
    let passing: readonly Flow[] = flows.map((flow) => atHook(flow, hook));
    for (const station of this.#stations.at(hook, family)) {
      if (station.kind === "conntrack") for (const { state } of passing) track(state);
      else if (station.kind === "chain") passing = this.#throughChain(station.at, passing);
      else passing = this.#throughNat(station.chains, passing);
    }
    return passing;
  }

  /** Those that the kernel does not drop by itself. */
  withoutFaults(flows: readonly Flow[], faultOf: (state: WalkState) => unknown): readonly Flow[] {
    return flows.flatMap((flow) => {
      const { state, region } = flow;
      const isFaulty = (source: number | bigint): boolean => {
        const copy = copyState(state);
        if (!flow.isSourceSet) copy.source = source;
        return faultOf(copy) !== undefined;
      };
      const pieces = routePieces(state.routes, state.family).filter(([low]) => isFaulty(low));
      if (pieces.length === 0) return [flow];
      const faulty = Region.ofSources(IntervalSet.of(pieces), state.family);
      this.#drop(withRegion(flow, region.intersect(faulty)));
      const left = region.subtract(faulty);
      return left.isEmpty ? [] : [withRegion(flow, left)];
    });
  }

  #drop({ region, isDoubtful }: Flow): void {
    if (isDoubtful) this.dropped.push(region);
  }

  #lose({ region }: Flow, why: string): void {
    this.#doubts.add(region, why);
    this.lost.push(region);
  }

  #throughChain({ table, chain }: HookChain, flows: readonly Flow[]): readonly Flow[] {
    const { hook, devices } = chain.base;
    if (hook !== "ingress" && hook !== "egress") return this.#throughBase(table, chain, flows);
    const [met, others] = parted(flows, ({ state }) => {
      const device = hook === "egress" ? state.outputInterface : state.inputInterface;
      return device !== undefined && devices?.includes(device) !== false;
    });
    if (devices !== undefined) return [...others, ...this.#throughBase(table, chain, met)];
    // Nobody knows whether they meet it.
    const why = `the devices of ${table.table.name} ${chain.name} are not told by the listing (nft -j leaves them out)`;
    const doubtful = met.map((flow): Flow => {
      this.#doubts.add(flow.region, why);
      return { ...flow, isDoubtful: true };
    });
    return mergeFlows([...others, ...doubtful, ...this.#throughBase(table, chain, doubtful)]);
  }

  /** Only first packets come by, and each by one NAT rule. */
  #throughNat(chains: readonly HookChain[], flows: readonly Flow[]): readonly Flow[] {
    const [asked, passed] = parted(flows, ({ state }) => state.hasConnection && isFirst(state));
    let open: readonly Flow[] = asked;
    for (const { table, chain } of chains) {
      const counts = new Set(open.map(({ state }) => state.natCount));
      for (const count of counts) {
        const [own, others] = parted(open, ({ state }) => state.natCount === count);
        const [changed, same] = parted(this.#throughBase(table, chain, own), ({ state }) => state.natCount !== count);
        passed.push(...changed);
        open = [...others, ...same];
      }
    }
    return mergeFlows([...passed, ...open]);
  }

  #throughBase(table: CompiledTable, chain: HookChain["chain"], flows: readonly Flow[]): readonly Flow[] {
    if (flows.length === 0) return [];
    const visit: Visit = { table, above: [chain.name], accepted: [], back: [] };
    this.#throughRules(chain.rules, flows, visit);
    if (chain.base.policy === "accept") return mergeFlows([...visit.accepted, ...visit.back]);
    for (const flow of visit.back) this.#drop(flow);
    return mergeFlows(visit.accepted);
  }

  /** Those that come to the rules' end, or return, are `back`. */
  #throughRules(rules: readonly Rule[], flows: readonly Flow[], visit: Visit): void {
    let open = flows;
    for (const rule of rules) {
      if (open.length === 0) return;
      this.#ruleCount += open.length;
      if (this.#ruleCount > RULES_MAX) {
        for (const flow of open) this.#lose(flow, `${rule.text}: too many rules lie on the way`);
        return;
      }
      open = this.#throughRule(rule, open, visit);
    }
    visit.back.push(...open);
  }

  #throughRule(rule: Rule, flows: readonly Flow[], visit: Visit): readonly Flow[] {
    const context = { sets: visit.table.sets, doubts: this.#doubts };
    const next: Flow[] = [];
    for (const flow of flows) {
      const outcome = flowThroughRule(rule, flow, context);
      for (const one of outcome.next) next.push(one);
      this.#obey(outcome, rule, visit, next);
    }
    return next.length === 1 ? next : mergeFlows(next);
  }

  #obey({ taken }: RuleOutcome, rule: Rule, visit: Visit, next: Flow[]): void {
    for (const { flow, verdict } of taken) {
      if (verdict === "unknown") this.lost.push(flow.region);
      else if (verdict === "reject") this.#drop(flow);
      else this.#obeyVerdict(verdict, flow, rule, visit, next);
    }
  }

  #obeyVerdict(verdict: Verdict, flow: Flow, rule: Rule, visit: Visit, next: Flow[]): void {
    switch (verdict.kind) {
      case "accept":
        visit.accepted.push(flow);
        break;
      case "drop":
        this.#drop(flow);
        break;
      case "queue":
        this.#lose(flow, `${rule.text}: a program decides (queue)`);
        break;
      case "continue":
        next.push(flow);
        break;
      case "return":
        visit.back.push(flow);
        break;
      case "jump":
      case "goto":
        this.#jump(verdict, flow, rule, visit, next);
        break;
    }
  }

  #jump(
    { kind, chain }: Verdict & { readonly kind: "jump" | "goto" },
    flow: Flow,
    rule: Rule,
    visit: Visit,
    next: Flow[],
  ): void {
    const target = visit.table.table.chains.get(chain);
    if (target === undefined || visit.above.length > JUMPS_MAX || visit.above.includes(chain)) {
      const why = target === undefined ? "there is no such chain" : "chains jump in a circle, or too deep";
      this.#lose(flow, `${rule.text}: ${why}`);
      return;
    }
    const inner: Visit = { ...visit, above: [...visit.above, chain], back: [] };
    this.#throughRules(target.rules, [flow], inner);
    (kind === "jump" ? next : visit.back).push(...inner.back);
  }
}

/** One chain that is walked through. */
interface Visit {
  readonly table: CompiledTable;
  /** The chains on the way to it, and itself. */
  readonly above: readonly string[];
  readonly accepted: Flow[];
  readonly back: Flow[];
}

function atHook(flow: Flow, hook: Hook): Flow {
  const state = copyState(flow.state);
  state.hook = hook;
  return { ...flow, state };
}

function parted(flows: readonly Flow[], isFirstKind: (flow: Flow) => boolean): readonly [Flow[], Flow[]] {
  const [first, second]: [Flow[], Flow[]] = [[], []];
  for (const flow of flows) (isFirstKind(flow) ? first : second).push(flow);
  return [first, second];
}
