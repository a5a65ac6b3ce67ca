// Which network namespaces there are: those that processes live in, and those that have a name.
import type { ProcFiles } from "../linux/proc-files.js";
import { namespaceNumber } from "./descriptor-walk.js";
import type { NamespaceRef } from "./inside-view.js";

/** A namespace that has a name in the file system. */
export interface NamedNamespace {
  readonly number: number;
  readonly name: string;
}

/**
 * All namespaces, the own one first.
 * @param named Those with a name, which may have no process at all
 */
export function findNamespaces(
  files: ProcFiles,
  pids: readonly number[],
  named: readonly NamedNamespace[],
): readonly NamespaceRef[] {
  const own = namespaceNumber(files, "self", "net") ?? namespaceNumber(files, 1, "net");
  const byNumber = new Map<number, number[]>();
  for (const pid of pids) {
    const number = namespaceNumber(files, pid, "net");
    if (number === undefined) continue;
    const members = byNumber.get(number);
    if (members === undefined) byNumber.set(number, [pid]);
    else members.push(pid);
  }
  for (const { number } of named) if (!byNumber.has(number)) byNumber.set(number, []);
  const nameOf = (number: number | undefined) => named.find((one) => one.number === number)?.name;
  const others = [...byNumber].filter(([number]) => number !== own);
  return [
    { number: own, isOwn: true, name: nameOf(own), pids: byNumber.get(own ?? -1) ?? [] },
    ...others.map(([number, members]) => ({ number, isOwn: false, name: nameOf(number), pids: members })),
  ];
}
