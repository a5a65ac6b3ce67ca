import { expect, test } from "vitest";
import { ProcFiles } from "../linux/proc-files.js";
import { servicePorts } from "./kernel-owners.js";
import { procTrees } from "./proc-tree.test.data.js";

const treeOf = procTrees();

/** Ports whose owner follows from the name of a thread alone. */
function portsOf(files: Readonly<Record<string, string>>, links: Readonly<Record<string, string>> = {}) {
  const { listeners } = servicePorts(new ProcFiles(treeOf({ files, links })));
  return listeners.filter(({ owner }) => owner.includes("ksmbd")).map(({ port }) => port);
}

const CHILD = { "10/comm": "ksmbd-lo\n" };

test("a child of kthreadd without a program is a thread of the kernel", () => {
  expect(portsOf({ ...CHILD, "2/task/2/children": "9 10 11 " })).toEqual([445]);
});

test("whoever else has the name is none", () => {
  expect(portsOf({ ...CHILD, "2/task/2/children": "9 11 " })).toEqual([]);
  expect(portsOf({ ...CHILD, "2/task/2/children": "9 10 " }, { "10/exe": "/usr/bin/sleep" })).toEqual([]);
});

test("where the kernel does not tell kthreadd's children, all processes without a program count", () => {
  expect(portsOf(CHILD)).toEqual([445]);
  expect(portsOf(CHILD, { "10/exe": "/usr/bin/sleep" })).toEqual([]);
});
