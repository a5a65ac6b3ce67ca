// The chains of a ruleset in the order in which a packet meets them, with their counters: one picture for the terminal.
import type { BaseChain, Chain, Hook, Rule, Ruleset, Table } from "../../firewall/ruleset.js";
import { printable } from "../printable.js";
import { countOf, groupDigits } from "../quantity.js";

/** The ways of a packet, hook by hook; `*` is where the kernel looks up the route. */
const WAYS: readonly { readonly title: string; readonly hooks: readonly (Hook | "*")[] }[] = [
  { title: "Comes in for this host", hooks: ["ingress", "prerouting", "*", "input"] },
  { title: "Is forwarded", hooks: ["forward", "postrouting", "egress"] },
  { title: "Is sent by this host", hooks: ["output"] },
];

/** The picture; postrouting and egress stand once, behind forward: what this host sends passes them, too. */
export function rulesetPicture(ruleset: Ruleset): string {
  const lines: string[] = [];
  for (const { title, hooks } of WAYS) {
    const blocks = hooks.map((hook) => (hook === "*" ? ["  (route)"] : hookBlock(ruleset, hook)));
    lines.push(`${title}:`, ...blocks.flat(), "");
  }
  const notes = ruleset.notes.map(({ text }) => `Note: ${printable(text)}`);
  return `${[...lines, ...notes].join("\n").trimEnd()}\n`;
}

interface Placed {
  readonly table: Table;
  readonly chain: Chain & { readonly base: BaseChain };
}

function hookBlock({ tables }: Ruleset, hook: Hook): readonly string[] {
  const chains = tables
    .flatMap((table) => [...table.chains.values()].map((chain) => ({ table, chain })))
    .filter((one): one is Placed => one.chain.base?.hook === hook)
    .sort((a, b) => a.chain.base.priority - b.chain.base.priority);
  if (chains.length === 0) return [`  ${hook}: no chain`];
  return [`  ${hook}`, ...chains.flatMap(({ table, chain }) => chainBlock(table, chain))];
}

function chainBlock(table: Table, chain: Placed["chain"]): readonly string[] {
  const { base, rules } = chain;
  const off = table.isDormant ? ", switched off" : "";
  const devices = base.devices === undefined ? "" : ` on ${base.devices.map(printable).join(", ")}`;
  const head = `    ${nameOf(table, chain)}  ${base.type}, priority ${base.priority}${devices}${off}`;
  const policy = `      policy ${base.policy}${counterText(base.counter)}`;
  return [head, ...rules.flatMap((rule) => ruleBlock(table, rule, 6, new Set([chain.name]))), policy];
}

/** A rule, and below it the chain that it jumps to; a chain that is shown already on this way is only named. */
function ruleBlock(table: Table, rule: Rule, depth: number, above: ReadonlySet<string>): readonly string[] {
  const line = `${" ".repeat(depth)}${String(rule.place.index).padStart(3)} ${printable(rule.text)}${counterText(rule.counter)}`;
  const inner = targetsOf(rule).flatMap((name) => {
    const chain = table.chains.get(name);
    if (chain === undefined || above.has(name)) return [];
    const title = `${" ".repeat(depth + 4)}${printable(name)}: ${countOf(chain.rules.length, "rule")}`;
    return [title, ...chain.rules.flatMap((one) => ruleBlock(table, one, depth + 4, new Set([...above, name])))];
  });
  return [line, ...inner];
}

function targetsOf({ statements }: Rule): readonly string[] {
  return statements.flatMap((statement) => {
    if (statement.kind === "verdict") return targetOf(statement.verdict);
    if (statement.kind !== "verdict-map" || statement.map.kind !== "element-set") return [];
    return [...new Set(statement.map.elements.flatMap(({ data }) => targetOf(data)))];
  });
}

function targetOf(verdict: object | undefined): readonly string[] {
  if (verdict === undefined || !("kind" in verdict && "chain" in verdict)) return [];
  const isMove = verdict.kind === "jump" || verdict.kind === "goto";
  return isMove && typeof verdict.chain === "string" ? [verdict.chain] : [];
}

function counterText(counter: Rule["counter"]): string {
  return counter === undefined ? "" : `  [${groupDigits(counter.packets)} packets]`;
}

function nameOf({ family, name }: Table, chain: Chain): string {
  return [family, name, chain.name].map(printable).join(" ");
}
