import { expect, test } from "vitest";
import { ProcFiles } from "../linux/proc-files.js";
import { procTrees } from "./proc-tree.test.data.js";
import { sightLimits } from "./sight-limits.js";

const treeOf = procTrees();
const FIRST = "pid:[4026531836]";
const ALL = "CapEff:\t000001ffffffffff\n";
const NONE = "CapEff:\t0000000000000000\n";

function mount(options: string, place = "/proc"): string {
  return `24 30 0:22 / ${place} rw,nosuid,nodev,noexec,relatime shared:12 - proc proc ${options}\n`;
}

function limits(mountinfo: string, status: string, namespace = FIRST): string | undefined {
  const files = { "self/mountinfo": mountinfo, "self/status": status };
  return sightLimits(new ProcFiles(treeOf({ files, links: { "self/ns/pid": namespace } })));
}

test("who lives in the first PID namespace and has all of /proc sees all", () => {
  expect(limits(mount("rw"), NONE)).toBeUndefined();
  expect(limits(mount("rw,gid=4"), NONE)).toBeUndefined();
  expect(limits("", NONE)).toBeUndefined();
});

test("hidepid hides, from those who may not look into other processes", () => {
  for (const options of [
    "rw,hidepid=2",
    "rw,gid=4,hidepid=invisible",
    "rw,hidepid=1",
    "rw,hidepid=noaccess,subset=pid",
  ]) {
    expect(limits(mount(options), NONE)).toMatch(/hidepid/);
    expect(limits(mount(options), ALL)).toBeUndefined();
    expect(limits(mount(options), "")).toMatch(/hidepid/);
  }
  for (const options of ["rw,hidepid=0", "rw,hidepid=off"]) expect(limits(mount(options), NONE)).toBeUndefined();
});

test("of several mounts the last one counts, and of other places none", () => {
  expect(limits(mount("rw") + mount("rw,hidepid=2"), NONE)).toMatch(/hidepid/);
  expect(limits(mount("rw,hidepid=2") + mount("rw"), NONE)).toBeUndefined();
  expect(limits(mount("rw") + mount("rw,hidepid=2", "/srv/chroot/proc"), NONE)).toBeUndefined();
  expect(limits(`24 30 0:22 / /proc/x - proc proc rw,hidepid=2\n${mount("rw")}`, NONE)).toBeUndefined();
});

test("another PID namespace hides the processes outside of it", () => {
  expect(limits(mount("rw"), ALL, "pid:[4026532439]")).toMatch(/PID namespace/);
});

test("without any of these files nothing is claimed", () => {
  expect(sightLimits(new ProcFiles(treeOf({})))).toBeUndefined();
});
