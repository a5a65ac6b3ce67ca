import fc from "fast-check";
import { expect, test } from "vitest";
import { ProcFiles } from "../linux/proc-files.js";
import { fixture, parseTree, procTrees } from "./proc-tree.test.data.js";
import { ProcessReader, readBootTimeMs, readCommand } from "./process.js";

const treeOf = procTrees();
const MACHINE = parseTree(fixture("docker-host.tree"));

function filesOf(files: Readonly<Record<string, string>>, links: Readonly<Record<string, string>> = {}) {
  return new ProcFiles(treeOf({ files, links }));
}

function read(files: Readonly<Record<string, string>>, links: Readonly<Record<string, string>> = {}) {
  return new ProcessReader(filesOf(files, links), 1_000_000).read(7);
}

test("a process of a container", () => {
  const files = filesOf(MACHINE.files, MACHINE.links);
  const nginx = new ProcessReader(files, readBootTimeMs(files)).read(2265);
  expect(nginx).toMatchObject({
    pid: 2265,
    name: "nginx",
    uid: 101,
    effectiveUid: 101,
    capabilities: 0n,
    startedAtMs: Date.UTC(2024, 5, 10, 10, 0, 18, 630),
    executable: { path: "/usr/sbin/nginx", isDeleted: false },
    innerPid: 29,
  });
  expect(nginx.controlGroup?.containers).toMatchObject([{ runtime: "docker" }]);
});

test.each([
  ["bash", "bash"],
  ["a) R 1 2 (b", "a) R 1 2 (b"],
  ["((()))", "((()))"],
  [") Z", ") Z"],
  ["a\n\x1b[2J\nUid:\t0\t0", "a\n\x1b[2J\nUid:\t0\t0"],
  ["", ""],
])("the name %j is read as it is", (name, shown) => {
  expect(read({ "7/stat": `7 (${name}) S 1 7 7 0 -1 4194560\n` })).toMatchObject({
    name: shown,
    startedAtMs: undefined,
  });
});

test("the time of its start does not depend on its name", () => {
  const stat = MACHINE.files["900/stat"] ?? "";
  for (const name of ["sshd", "a) R 1 2", "( ( ("]) {
    expect(read({ "7/stat": stat.replace("(sshd)", `(${name})`) }).startedAtMs).toBe(1_000_000 + 6500);
  }
});

test("a status whose name imitates other lines does not lie about the user", () => {
  const status =
    "Name:\tx\\nUid:\\t0\\t0\nUmask:\t0022\nUid:\t1000\t33\t33\t33\nNSpid:\t7\nCapEff:\t0000000000002400\n";
  expect(read({ "7/status": status })).toMatchObject({
    uid: 1000,
    effectiveUid: 33,
    capabilities: 0x2400n,
    innerPid: undefined,
  });
});

test("programs that were removed, and those whose names end like it", () => {
  expect(read({}, { "7/exe": "/usr/bin/a (deleted)" }).executable).toEqual({ path: "/usr/bin/a", isDeleted: true });
  expect(read({}, { "7/exe": "/usr/bin/a (deleted) (deleted)" }).executable).toEqual({
    path: "/usr/bin/a (deleted)",
    isDeleted: true,
  });
  expect(read({}, { "7/exe": "/usr/bin/a\n\x1b[2J" }).executable).toEqual({
    path: "/usr/bin/a\n\x1b[2J",
    isDeleted: false,
  });
});

test("the words of a call", () => {
  const words = (cmdline: string) => readCommand(filesOf({ "7/cmdline": cmdline }), 7);
  expect(words("nginx\0-g\0daemon off;\0")).toEqual(["nginx", "-g", "daemon off;"]);
  expect(words("a\0\0b\0")).toEqual(["a", "", "b"]);
  expect(words("")).toEqual([]);
  expect(words("nginx: worker process\0\0\0\0")).toEqual(["nginx: worker process"]);
  expect(readCommand(filesOf({}), 7)).toBeUndefined();
});

test("no content makes it throw", () => {
  const text = fc.string({ unit: "binary", maxLength: 80 });
  fc.assert(
    fc.property(text, text, text, text, (stat, status, cgroup, boot) => {
      const files = filesOf({
        "7/stat": `7 (${stat}`,
        "7/status": `Uid:${status}\nNSpid:${status}\n`,
        "7/cgroup": cgroup,
        stat: `btime ${boot}`,
      });
      new ProcessReader(files, readBootTimeMs(files)).read(7);
    }),
    { numRuns: 60 },
  );
});
