// The text of a policy that expects what is open now: to be read, cut down and kept by whoever answers for the host.
import { yamlComment, yamlQuoted } from "./yaml-quoted.js";

/** One port, or several that are alike. */
export interface DraftedPorts {
  /** "tcp/22". */
  readonly ports: readonly string[];
  /** Networks; undefined for everybody. */
  readonly from: readonly string[] | undefined;
  readonly processes: readonly string[];
  /** For people. Text from outside. */
  readonly remark: string | undefined;
}

/** Addresses that have the same open. */
export interface DraftedGroup {
  readonly name: string;
  /** As texts. */
  readonly addresses: readonly string[];
  readonly open: readonly DraftedPorts[];
}

/** The text, ready to be a file. */
export function draftedPolicy(groups: readonly DraftedGroup[], head: readonly string[]): string {
  const lines = [
    ...head.map(yamlComment),
    "",
    groups.length === 0 ? "expect: {}" : "expect:",
    ...groups.flatMap(groupLines),
  ];
  return `${lines.join("\n")}\n`;
}

function groupLines({ name, addresses, open }: DraftedGroup): readonly string[] {
  const list = open.length === 0 ? ["    open: []"] : ["    open:", ...open.flatMap(portLines)];
  return [`  ${quoted(name)}:`, `    hosts: ${flowList(addresses)}`, ...list];
}

function portLines({ ports, from, processes, remark }: DraftedPorts): readonly string[] {
  const comment = remark === undefined ? "" : ` ${yamlComment(remark)}`;
  const [first = ""] = ports;
  return [
    `      - ports: ${ports.length === 1 ? first : flowList(ports)}${comment}`,
    ...(from === undefined ? [] : [`        from: ${flowList(from)}`]),
    ...(processes.length === 0
      ? []
      : [`        process: ${processes.length === 1 ? quoted(processes[0] ?? "") : flowList(processes)}`]),
  ];
}

function flowList(texts: readonly string[]): string {
  return `[${texts.map(quoted).join(", ")}]`;
}

/** Plain where YAML takes it for these very words. */
function quoted(text: string): string {
  if (/^[A-Za-z][A-Za-z0-9._/-]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off)$/i.test(text)) return text;
  return yamlQuoted(text);
}
