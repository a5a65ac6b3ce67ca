// What a comparison for people says of a host apart from its ports.
import type { HostDiff } from "./compare-hosts.js";
import { shownHost } from "./diff-rows.js";
import type { DiffContext } from "./diff-writer.js";
import { printable } from "./printable.js";
import type { HostSnapshot } from "./snapshot.js";
import { textTable } from "./text-table.js";

/** More names of a system say no more. */
const SYSTEMS_MAX = 2;
const NAMES_MAX = 4;

/** "10.0.0.5 (web.lab)". */
export function hostTitleOf(diff: HostDiff): string {
  const host = shownHost(diff);
  const other = host === diff.b ? diff.a : diff.b;
  const name = nameOf(host) ?? nameOf(other);
  const address = printable(host?.address ?? "");
  return name === undefined ? address : `${address} (${printable(name)})`;
}

/** What is another machine's stands before the ports, what is the machine's own behind them. */
export function traitLines(diff: HostDiff, context: DiffContext, place: "before" | "behind"): readonly string[] {
  const rows: (readonly string[])[] = [];
  if (place === "before") {
    if (diff.isMacChanged) {
      const change = `${macText(diff.a, context)} -> ${macText(diff.b, context)}`;
      rows.push(["!", "MAC", `${change}: another machine may have taken this place`]);
    }
    if (diff.isAddressChanged) {
      rows.push(["~", "address", `${printable(diff.a?.address ?? "")} -> ${printable(diff.b?.address ?? "")}`]);
    }
  } else {
    if (diff.isSystemChanged) rows.push(["~", "system", `${systemText(diff.a)} -> ${systemText(diff.b)}`]);
    if (diff.areNamesChanged) rows.push(["~", "names", `${namesText(diff.a)} -> ${namesText(diff.b)}`]);
  }
  return textTable(rows).map((line) => `  ${line}`);
}

/** The name that the user wrote, else the first by reverse DNS. */
function nameOf(host: HostSnapshot | undefined): string | undefined {
  return host?.name ?? host?.names[0];
}

function macText(host: HostSnapshot | undefined, context: DiffContext): string {
  const mac = host?.mac ?? "";
  const vendor = host?.vendor ?? context.vendorOf(mac);
  return vendor === undefined ? printable(mac) : printable(`${mac} (${vendor})`);
}

function systemText(host: HostSnapshot | undefined): string {
  return listText(host?.systems.map(({ name }) => name) ?? [], SYSTEMS_MAX, " or ");
}

function namesText(host: HostSnapshot | undefined): string {
  const names = host?.names ?? [];
  return names.length === 0 ? "none" : listText(names, NAMES_MAX, ", ");
}

function listText(texts: readonly string[], max: number, glue: string): string {
  const shown = texts.slice(0, max).map(printable);
  const more = texts.length - shown.length;
  return more === 0 ? shown.join(glue) : `${shown.join(glue)} and ${more} more`;
}
