// One host in Ndiff's form of XML: what both reports have stands by itself, what only one has in <a> or <b>.
import type { HostDiff } from "./compare-hosts.js";
import { pairPorts, soloPorts } from "./diff-xml-ports.js";
import type { HostSnapshot } from "./snapshot.js";
import { element } from "./xml-text.js";

/** The `hostdiff` of a host, or two of them where another machine has its place: Ndiff takes those for two hosts. */
export function hostDiffMarkup(diff: HostDiff, isSameWanted: boolean): string {
  const { a, b } = diff;
  if (a === undefined || b === undefined || diff.isMacChanged || diff.isAddressChanged) {
    const sides = [a === undefined ? [] : [soloMarkup("a", a)], b === undefined ? [] : [soloMarkup("b", b)]];
    return sides.flat().join("\n");
  }
  const isStatusShown = isSameWanted || a.status !== b.status;
  const parts = [
    isStatusShown ? inBoth([statusMarkup(a)], [statusMarkup(b)]) : "",
    addressMarkup(b),
    wrapped("hostnames", inBoth(nameRows(a), nameRows(b))),
    wrapped("ports", pairPorts(diff)),
    diff.isSystemChanged ? wrapped("os", inBoth(systemRows(a), systemRows(b))) : "",
  ];
  return element("hostdiff", {}, element("host", {}, parts.join("")));
}

/** Rows that both have, then those of the first, then those of the second. */
function inBoth(a: readonly string[], b: readonly string[]): string {
  const common = a.filter((row) => b.includes(row));
  const onlyA = a.filter((row) => !b.includes(row)).join("");
  const onlyB = b.filter((row) => !a.includes(row)).join("");
  return common.join("") + wrapped("a", onlyA) + wrapped("b", onlyB);
}

function soloMarkup(side: string, host: HostSnapshot): string {
  const parts = [
    statusMarkup(host),
    addressMarkup(host),
    wrapped("hostnames", nameRows(host).join("")),
    wrapped("ports", soloPorts(host)),
    wrapped("os", systemRows(host).join("")),
  ];
  return element("hostdiff", {}, element(side, {}, element("host", {}, parts.join(""))));
}

function wrapped(name: string, content: string): string {
  return content === "" ? "" : element(name, {}, content);
}

function statusMarkup({ status }: HostSnapshot): string {
  return element("status", { state: status === "listed" ? "unknown" : status });
}

function addressMarkup({ address, family, mac }: HostSnapshot): string {
  const own = element("address", { addr: address, addrtype: `ipv${family}` });
  return mac === undefined ? own : own + element("address", { addr: mac.toUpperCase(), addrtype: "mac" });
}

function nameRows({ name, names }: HostSnapshot): readonly string[] {
  const all = new Set(name === undefined ? names : [name, ...names]);
  return [...all].map((one) => element("hostname", { name: one }));
}

function systemRows({ systems }: HostSnapshot): readonly string[] {
  return systems.map(({ name }) => element("osmatch", { name }));
}
