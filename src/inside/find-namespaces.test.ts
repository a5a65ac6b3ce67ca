import { expect, test } from "vitest";
import { ProcFiles } from "../linux/proc-files.js";
import { findNamespaces } from "./find-namespaces.js";
import { procTrees } from "./proc-tree.test.data.js";

const treeOf = procTrees();

function found(
  links: Readonly<Record<string, string>>,
  pids: readonly number[],
  named: Readonly<Record<string, number>> = {},
) {
  const names = Object.entries(named).map(([name, number]) => ({ name, number }));
  return findNamespaces(new ProcFiles(treeOf({ links })), pids, names).map(({ number, isOwn, name, pids: members }) => [
    number,
    isOwn ? "own" : "other",
    name,
    members,
  ]);
}

test("the own one comes first, whoever has the lowest number", () => {
  const links = { "5/ns/net": "net:[20]", "7/ns/net": "net:[10]", "8/ns/net": "net:[20]", self: "7" };
  expect(found(links, [5, 7, 8])).toEqual([
    [10, "own", undefined, [7]],
    [20, "other", undefined, [5, 8]],
  ]);
});

test("of a copied tree it is that of process 1", () => {
  expect(found({ "1/ns/net": "net:[10]", "9/ns/net": "net:[20]" }, [1, 9])).toEqual([
    [10, "own", undefined, [1]],
    [20, "other", undefined, [9]],
  ]);
});

test("names, and namespaces that have nothing but a name", () => {
  const links = { "1/ns/net": "net:[10]", "9/ns/net": "net:[20]" };
  expect(found(links, [1, 9], { host: 10, web: 20, empty: 30 })).toEqual([
    [10, "own", "host", [1]],
    [20, "other", "web", [9]],
    [30, "other", "empty", []],
  ]);
});

test("links that cannot be read, or lead elsewhere, are passed over; without any the tree is one namespace", () => {
  const links = {
    "1/ns/net": "net:[]",
    "2/ns/net": "net:[1",
    "3/ns/net": "/etc/passwd",
    "4/ns/net": "net:[9999999999999999]",
  };
  expect(found(links, [1, 2, 3, 4, 5])).toEqual([[undefined, "own", undefined, []]]);
});
