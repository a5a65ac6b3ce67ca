// The way of all packets at once through the hooks, as packet-walk.ts has it for one.
import type { Chain, Rule } from "../ruleset.js";
import type { CompiledTable } from "../walk/chain-walk.js";
import type { HookChain, HookStations } from "../walk/hook-stations.js";
import { type Flow, mergeFlows } from "./flow.js";
import { flowThroughRule, type RuleOutcome } from "./reach-rule.js";

const JUMPS_MAX = 16;

/** What does not come through, and why that is not certain. */
export interface Lost {
  readonly flow: Flow;
  readonly why: string;
}

/** All packets at one hook: who passes. Those whose end is not known are put aside. */
export function flowsThroughHook(
  stations: HookStations,
  hook: "ingress" | "prerouting" | "input" | "forward",
  flows: readonly Flow[],
  unknown: Lost[],
): readonly Flow[] {
  const family = flows[0]?.state.family;
  if (family === undefined) return [];
  let passing = flows;
  for (const station of stations.at(hook, family)) {
    for (const { state } of passing) state.hook = hook;
    if (station.kind === "conntrack") track(passing);
    else if (station.kind === "chain") passing = throughChain(station.at, passing, unknown);
    else passing = throughNat(station.chains, passing, unknown);
  }
  return passing;
}

function track(flows: readonly Flow[]): void {
  for (const { state } of flows) {
    if (state.track === "untracked") state.isUntracked = true;
    else if (!state.isUntracked) state.isTracked = true;
  }
}

function throughChain({ table, chain }: HookChain, flows: readonly Flow[], unknown: Lost[]): readonly Flow[] {
  const isOnDevice = table.table.family === "netdev" || chain.base.hook === "ingress";
  const { devices } = chain.base;
  const [own, others] = parted(flows, ({ state }) => {
    const device = state.inputInterface;
    return !isOnDevice || devices === undefined || (device !== undefined && devices.includes(device));
  });
  return [...others, ...throughBase(table, chain, own, unknown)];
}

/** Only first packets come by, and each by one NAT rule. */
function throughNat(chains: readonly HookChain[], flows: readonly Flow[], unknown: Lost[]): readonly Flow[] {
  const [asked, done] = parted(flows, ({ state }) => {
    const { track: trackState } = state.packet;
    return state.hasConnection && (trackState === "new" || trackState === "related");
  });
  let open: readonly Flow[] = asked;
  const passed: Flow[] = [...done];
  for (const { table, chain } of chains) {
    const before = open[0]?.state.natCount ?? 0;
    const through = throughBase(table, chain, open, unknown);
    const [changed, same] = parted(through, ({ state }) => state.natCount > before);
    passed.push(...changed);
    open = same;
  }
  return [...passed, ...open];
}

function throughBase(
  table: CompiledTable,
  chain: HookChain["chain"],
  flows: readonly Flow[],
  unknown: Lost[],
): readonly Flow[] {
  if (flows.length === 0) return [];
  const { accepted, back } = throughRules(table, chain, flows, 0, unknown);
  return mergeFlows(chain.base.policy === "accept" ? [...accepted, ...back] : accepted);
}

interface ChainFlows {
  readonly accepted: readonly Flow[];
  /** Those that come to the chain's end, or return. */
  readonly back: readonly Flow[];
}

function throughRules(
  table: CompiledTable,
  chain: Chain,
  flows: readonly Flow[],
  depth: number,
  unknown: Lost[],
): ChainFlows {
  const accepted: Flow[] = [];
  const back: Flow[] = [];
  let open = flows;
  for (const rule of chain.rules) {
    if (open.length === 0) break;
    const outcomes = open.map((flow) => flowThroughRule(rule, flow, table.sets));
    const returned: Flow[] = [];
    for (const outcome of outcomes) obey(outcome, rule, { table, depth, accepted, back, returned, unknown });
    const next = outcomes.flatMap((outcome) => outcome.next);
    open = returned.length === 0 && next.length === open.length ? next : mergeFlows([...next, ...returned]);
  }
  return { accepted, back: [...back, ...open] };
}

interface Sinks {
  readonly table: CompiledTable;
  readonly depth: number;
  readonly accepted: Flow[];
  readonly back: Flow[];
  readonly returned: Flow[];
  readonly unknown: Lost[];
}

function obey({ taken }: RuleOutcome, rule: Rule, sinks: Sinks): void {
  for (const { flow, verdict, why } of taken) {
    if (verdict === "unknown") sinks.unknown.push({ flow, why: `${rule.text}: ${why ?? ""}` });
    else if (verdict !== "reject") obeyVerdict(verdict, flow, rule, sinks);
  }
}

function obeyVerdict(
  verdict: Exclude<RuleOutcome["taken"][number]["verdict"], string>,
  flow: Flow,
  rule: Rule,
  sinks: Sinks,
): void {
  switch (verdict.kind) {
    case "accept":
      sinks.accepted.push(flow);
      break;
    case "drop":
      break;
    case "queue":
      sinks.unknown.push({ flow, why: `${rule.text}: a program decides (queue)` });
      break;
    case "continue":
      sinks.returned.push(flow);
      break;
    case "return":
      sinks.back.push(flow);
      break;
    case "jump":
    case "goto": {
      const target = sinks.table.table.chains.get(verdict.chain);
      if (target === undefined || sinks.depth >= JUMPS_MAX) {
        const why = target === undefined ? "there is no such chain" : "chains jump in a circle, or too deep";
        sinks.unknown.push({ flow, why: `${rule.text}: ${why}` });
        break;
      }
      const inner = throughRules(sinks.table, target, [flow], sinks.depth + 1, sinks.unknown);
      sinks.accepted.push(...inner.accepted);
      (verdict.kind === "jump" ? sinks.returned : sinks.back).push(...inner.back);
      break;
    }
  }
}

function parted(flows: readonly Flow[], isFirst: (flow: Flow) => boolean): readonly [Flow[], Flow[]] {
  const [first, second]: [Flow[], Flow[]] = [[], []];
  for (const flow of flows) (isFirst(flow) ? first : second).push(flow);
  return [first, second];
}
