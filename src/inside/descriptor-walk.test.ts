import { mkdirSync } from "node:fs";
import { expect, test } from "vitest";
import { ProcFiles } from "../linux/proc-files.js";
import { namespaceNumber, processNumbers, walkDescriptors } from "./descriptor-walk.js";
import { procTrees } from "./proc-tree.test.data.js";

const treeOf = procTrees();
const ZOMBIE = "7 (a) Z) Z 1 7 7 0\n";

function walk(
  links: Readonly<Record<string, string>>,
  pids: readonly number[],
  files: Readonly<Record<string, string>> = {},
) {
  const found: string[] = [];
  const denied = walkDescriptors(new ProcFiles(treeOf({ links, files })), pids, (inode, pid, descriptor) => {
    found.push(`${inode} ${pid}/${descriptor}`);
  });
  return { found: found.toSorted(), denied };
}

test("sockets of all processes, one of which has one twice", () => {
  const links = {
    "5/fd/3": "socket:[10]",
    "5/fd/12": "socket:[10]",
    "5/fd/0": "/dev/null",
    "6/fd/3": "socket:[10]",
    "6/fd/4": "pipe:[10]",
  };
  expect(walk(links, [5, 6])).toEqual({ found: ["10 5/12", "10 5/3", "10 6/3"], denied: 0 });
});

test("processes that have ended hold nothing and are not denied", () => {
  expect(walk({ "5/fd/3": "socket:[10]" }, [4, 5, 6])).toEqual({ found: ["10 5/3"], denied: 0 });
  expect(walk({}, [7], { "7/fd": "" })).toEqual({ found: [], denied: 0 });
});

test("a process whose first thread has ended is seen by another one", () => {
  const root = treeOf({
    links: { "7/task/9/fd/4": "socket:[10]" },
    files: { "7/stat": ZOMBIE, "7/task/7/stat": ZOMBIE },
  });
  mkdirSync(`${root}/7/fd`);
  const found: number[] = [];
  expect(walkDescriptors(new ProcFiles(root), [7], (...holding) => found.push(...holding))).toBe(0);
  expect(found).toEqual([10, 7, 4]);
});

test("only numbers of processes are processes, in their order", () => {
  const folders = Object.fromEntries(
    ["10", "9", "1", "0", "01", "x", "1a", "self", "99999999999"].map((name) => [`${name}/x`, ""]),
  );
  expect(processNumbers(new ProcFiles(treeOf({ files: folders })))).toEqual([1, 9, 10]);
  expect(processNumbers(new ProcFiles("/nonexistent"))).toEqual([]);
});

test("numbers of namespaces", () => {
  const links = { "1/ns/net": "net:[4026531840]", "1/ns/pid": "pid:[4026531836]", "2/ns/net": "net:[x]", self: "1" };
  const files = new ProcFiles(treeOf({ links }));
  expect([
    namespaceNumber(files, 1, "net"),
    namespaceNumber(files, "self", "pid"),
    namespaceNumber(files, 2, "net"),
  ]).toEqual([4_026_531_840, 4_026_531_836, undefined]);
});
